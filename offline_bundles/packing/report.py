"""What packing tells: how far it is while it works, and afterwards what it made, dropped and degraded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from offline_bundles.course.model import TIERS


class Progress(Protocol):
    def step(self, label: str, done: int, total: int) -> None:
        """`label` names what is being made; `done` of `total` are in units of its own."""


class Silent:
    """Nobody looks."""

    def step(self, label: str, done: int, total: int) -> None:
        """Says nothing."""


@dataclass
class Report:
    """Sizes are bytes. `tiers`: what a phone stores that takes the smallest rendition and one audio codec.

    `renditions`: (activity, rendition, bytes, bytes a minute, VMAF or None for sound). `dropped` is gone; `degraded` is
    there, but less than it was. `following` names rungs that a later release brings; `failed` counts those that could
    not be made, and `degraded` says why.
    """

    tiers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TIERS, 0))
    renditions: list[tuple[str, str, int, int, float | None]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    degraded: list[str] = field(default_factory=list)
    following: list[str] = field(default_factory=list)
    failed: int = 0
    encoded: int = 0
    reused: int = 0
    objects: int = 0
    new_objects: int = 0

    @property
    def is_whole(self) -> bool:
        return not (self.following or self.failed)

    def as_json(self) -> Mapping[str, Any]:
        return {
            "tiers": self.tiers,
            "renditions": [list(row) for row in self.renditions],
            "dropped": self.dropped,
            "degraded": self.degraded,
            "following": self.following,
            "failed": self.failed,
            "encoded": self.encoded,
            "reused": self.reused,
            "objects": self.objects,
            "new_objects": self.new_objects,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Report":
        """What `as_json` gave. Raises `KeyError` or `TypeError`."""
        return cls(**{**kept, "renditions": [tuple(row) for row in kept["renditions"]]})

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        yield "On a phone, by tier:"
        for tier in TIERS:
            yield f"  {tier:14} {_size(self.tiers[tier]):>10}"
        if self.renditions:
            yield "Renditions, their bytes a minute, and how good they look (VMAF, of 100):"
        for activity, name, size, per_minute, vmaf in self.renditions:
            looks = "" if vmaf is None else f"{vmaf:5.1f}"
            yield f"  {activity:24} {name:10} {_size(size):>10} {_size(per_minute):>10} {looks}".rstrip()
        yield f"{self.objects} objects, {self.new_objects} of them new; {self.encoded} encoded, {self.reused} reused."
        yield from (f"Dropped: {what}." for what in self.dropped)
        yield from (f"Degraded: {what}." for what in self.degraded)
        yield from (f"Follows with the next release: {what}." for what in self.following)
        if not self.dropped and not self.degraded:
            yield "Nothing was dropped or degraded."


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"
