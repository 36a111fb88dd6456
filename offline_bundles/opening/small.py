"""What is small and no text, one object after the other: a phone fetches a whole course's pictures by one range.

Where each object stands, the manifests say: all that are below `SMALL_BYTES_MAX`, those of essential activities first,
then of important ones, then the others, each in manifest order and once. Immutable as the release is, and never written
down: a stretch is read from the objects under it. docs/bundle-format.md, "On the wire".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from offline_bundles.errors import BrokenManifest
from offline_bundles.opening.contents import NOT_A_SHAPE, ObjectRef, read_release
from offline_bundles.opening.update import SMALL_BYTES_MAX
from offline_bundles.stores import ObjectSource

TIERS = ("essential", "important", "supplementary")


@dataclass(frozen=True, slots=True)
class Place:
    """An object's bytes from `start` up to, not including, `end`."""

    digest: str
    start: int
    end: int


def small_places(root: str, store: ObjectSource) -> tuple[Place, ...]:
    """Raises `MissingObject` or `BrokenManifest`."""
    lessons = read_release(root, store).lessons
    try:
        activities = [activity for lesson in lessons for activity in lesson["activities"]]
        in_order = (each for tier in TIERS for each in activities if each["tier"] == tier)
        return tuple(_in_a_row(ref for each in in_order for ref in _small(each)))
    except NOT_A_SHAPE as error:
        raise BrokenManifest("A manifest of this release lacks what it must have.") from error


def _small(activity: dict[str, Any]) -> Iterator[ObjectRef]:
    """Posters, handouts and pictures of one activity."""
    found = [activity["poster"]] if "poster" in activity else []
    found += [activity] if activity["kind"] == "resource" else []
    for each in (*found, *activity.get("pictures", ())):
        if 0 < each["bytes"] < SMALL_BYTES_MAX:
            yield ObjectRef(each["object"], each["bytes"], activity["id"], is_text=False)


def _in_a_row(refs: Iterable[ObjectRef]) -> Iterator[Place]:
    seen: set[str] = set()
    at = 0
    for ref in refs:
        if ref.digest not in seen:
            seen.add(ref.digest)
            yield Place(ref.digest, at, at + ref.bytes)
            at += ref.bytes


def read_places(places: Sequence[Place], start: int, end: int, store: ObjectSource) -> Iterator[bytes]:
    """The bytes from `start` up to `end`, object by object. Raises `MissingObject`, also midway."""
    for place in places:
        if place.start < end and place.end > start:
            begin, stop = max(start, place.start), min(end, place.end)
            yield store.read(place.digest, begin - place.start, stop - begin)
