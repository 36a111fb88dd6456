"""card.json: the first file of every part. It says which releases the card holds, which part of how many this is, and
how the keys of whoever signed follow each other.

Nothing in it is believed: each release's signature covers its root, and every object is checked by its name.
"""

from dataclasses import asdict, dataclass
from typing import Any

from offline_bundles.canonical import read_manifest, write_canonical
from offline_bundles.errors import BrokenCard, BrokenManifest
from offline_bundles.forms import CARD_FORM
from offline_bundles.records import ReleaseRecord
from offline_bundles.rotation import CHAIN_MAX, Endorsement

RELEASES_MAX = 2_000  # some 450 bytes each: the index stays below 1 MB
PARTS_MAX = 999  # four terabytes


@dataclass(frozen=True, slots=True)
class Index:
    releases: tuple[ReleaseRecord, ...]
    part: int
    parts: int
    keys: tuple[Endorsement, ...] = ()

    def raw(self) -> bytes:
        return write_canonical(
            {
                "format": CARD_FORM,
                "keys": [asdict(link) for link in self.keys],
                "part": self.part,
                "parts": self.parts,
                "releases": [asdict(record) for record in self.releases],
            }
        )


def read_index(raw: bytes) -> Index:
    """Raises `BrokenCard`."""
    try:
        value = read_manifest(raw, CARD_FORM)
        part, parts = _number(value.get("part"), PARTS_MAX), _number(value.get("parts"), PARTS_MAX)
        return Index(_records(value.get("releases")), part, parts, _keys(value.get("keys")))
    except BrokenManifest as error:
        raise BrokenCard(f"The card's index cannot be read: {error}") from error


def _number(value: Any, most: int) -> int:
    if type(value) is not int or not 0 < value <= most:
        raise BrokenManifest(f"a part's number is one from 1 to {most}.")
    return value


def _records(values: Any) -> tuple[ReleaseRecord, ...]:
    return tuple(ReleaseRecord.of(value) for value in _listed(values, RELEASES_MAX, "releases"))


def _keys(values: Any) -> tuple[Endorsement, ...]:
    return tuple(Endorsement.of(value) for value in _listed(values, CHAIN_MAX, "endorsements of keys"))


def _listed(values: Any, most: int, what: str) -> list[Any]:
    if not isinstance(values, list) or len(values) > most:
        raise BrokenManifest(f"a card has a list of {most} {what} at most.")
    return values
