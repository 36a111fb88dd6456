"""What the probes say."""

from pydantic import Field

from server.shapes.common import Shape


class Live(Shape):
    alive: bool = True


class Check(Shape):
    name: str = Field(examples=["disk"])
    ok: bool
    detail: str = Field(default="", examples=["12.3 GB free"])


class Ready(Shape):
    ready: bool
    checks: list[Check]
