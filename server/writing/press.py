"""What work that can wait should know of what cannot: attempts that learners hand in."""

from dataclasses import dataclass
from typing import Protocol


class Press(Protocol):
    @property
    def is_near(self) -> bool:
        """Whether attempts are being handed in: the next one may come at any moment."""

    @property
    def is_here(self) -> bool:
        """Whether one waits now."""


@dataclass(frozen=True)
class Moment:
    """What is so at one moment; as it stands, nobody hands anything in."""

    is_near: bool = False
    is_here: bool = False


CALM = Moment()
