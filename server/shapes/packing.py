"""Packing behind the requests: asked for, then looked at until it has ended."""

from pydantic import Field

from server.shapes.common import Shape
from server.tables import PackState


class NewPack(Shape):
    publish: bool = Field(default=False, description="Publish it: the base quality first, the rest when it is made.")


class PackStepRow(Shape):
    """One rung of one video. A rung that was made before is done from the beginning."""

    video: str = Field(examples=["wells.mp4"])
    rung: str = Field(examples=["360p"])
    first: bool = Field(description="No release is made without it: the base quality, and sound.")
    state: PackState
    percent: int = Field(examples=[42])
    problem: str = Field(description="Why it could not be made; empty otherwise.")


class LookRow(Shape):
    """How far it is before there are files to make: each video is opened, then all of them are looked at."""

    videos: int = Field(examples=[12])
    opened: int = Field(description="How many of them are known by their length.", examples=[12])
    percent: int = Field(description="How much is looked at, by length; 0 until all are opened.", examples=[42])


class PackRow(Shape):
    id: str = Field(examples=["9f1c2b7d5e3a4811"])
    course: str = Field(examples=["water-and-health"])
    publish: bool
    state: PackState
    ahead: int = Field(description="While it waits: how many others were asked for before it.", examples=[0])
    problem: str = Field(description="Why it failed and what to do; empty otherwise.")
    releases: list[int] = Field(description="What came of it so far, oldest first.", examples=[[2, 3]])
    asked_ms: int
    ended_ms: int | None


class PackDetail(PackRow):
    looking: LookRow | None = Field(description="Null before it begins, and once there are files to make.")
    steps: list[PackStepRow]
