"""Photographs that answer a question."""

from pydantic import Field

from server.shapes.common import Shape
from server.tables import PictureState


class PictureHeld(Shape):
    """`coming`: send what is behind `held`. `kept`: all of it is durable here. `unreadable`: so it is, and it
    shows nothing; a trainer may ask for another."""

    held: int = Field(description="Bytes, from the first on, that are durable here.", examples=[65_536])
    state: PictureState
