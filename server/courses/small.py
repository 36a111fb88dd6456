"""A release's pictures and other small objects, as if they were one: docs/bundle-format.md, "On the wire"."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from offline_bundles import ObjectStore
from offline_bundles.errors import MissingObject
from offline_bundles.opening.small import Place, read_places, small_places
from server import errors

RELEASES_KEPT = 64  # whose places are known; the others' manifests are read again when somebody asks


@dataclass(frozen=True, slots=True)
class SmallObjects:
    """Of the release of this root. Raises `NotFound` where the store has lost its texts."""

    root: str
    store: ObjectStore

    @property
    def size(self) -> int:
        """In bytes, all together."""
        return self._places()[-1].end if self._places() else 0

    def read(self, start: int, end: int, *, at: float) -> Iterator[bytes]:
        """The bytes from `start` up to `end`; that they were asked for is noted with each object."""
        places = [place for place in self._places() if place.start < end and place.end > start]
        for place in places:
            self.store.used(place.digest, at=at)
        return read_places(places, start, end, self.store)

    def _places(self) -> tuple[Place, ...]:
        try:
            return _known(self.root, self.store)
        except MissingObject as error:
            raise errors.NotFound("object", self.root, "The store has lost part of this release.") from error


@lru_cache(RELEASES_KEPT)
def _known(root: str, store: ObjectStore) -> tuple[Place, ...]:
    return small_places(root, store)
