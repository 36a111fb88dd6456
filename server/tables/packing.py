"""Packing as work that outlives the process: what was asked for, and how far each of its rungs is."""

from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from server.tables.ids import new_id, now_ms


class PackState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


UNFINISHED = (PackState.WAITING, PackState.WORKING)


class Pack(SQLModel, table=True):
    """One asking for a course folder to be packed.

    `folder` is a path on the machine with the home folder that is called `home`: only a worker there can read it. It is
    told to nobody. `deaths`: how often a worker ended while it looked at the course, or wrote a release down.

    Before there are steps: `films_opened` of `films` were opened, then `looked_ms` of `to_look_ms` of them looked at.
    """

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    course_id: str
    home: str
    folder: str
    publish: bool
    state: PackState = PackState.WAITING
    problem: str = ""
    deaths: int = 0
    films: int = 0
    films_opened: int = 0
    to_look_ms: int = 0
    looked_ms: int = 0
    releases: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    asked_ms: int = Field(default_factory=now_ms)
    ended_ms: int | None = None


class PackStep(SQLModel, table=True):
    """One rung of one video. `first` is what no release is made without; `problem` says why it could not be made.

    `deaths`: how often a worker ended while it made this.
    """

    pack_id: str = Field(foreign_key="pack.id", primary_key=True)
    position: int = Field(primary_key=True)
    video: str
    digest: str
    rung: str
    first: bool
    state: PackState = PackState.WAITING
    done_ms: int = 0
    total_ms: int = 0
    deaths: int = 0
    problem: str = ""
