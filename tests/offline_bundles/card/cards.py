"""Small cards: releases of real small courses, and cards that hold chosen bytes."""

from pathlib import Path

from offline_bundles import FolderStore, ReleaseRecord, Signer, pack
from offline_bundles.card import Card, open_card, write_objects
from offline_bundles.card.layout import ENTRY_BYTES

SIGNER = Signer.from_seed(bytes(range(32)))
INDEX_BYTES_MAX = 100  # of a card without releases


def release(folder: Path, store: FolderStore, previous: ReleaseRecord | None = None) -> ReleaseRecord:
    return pack(folder, store=store, cache=store.root.parent / "cache", signer=SIGNER, previous=previous).record


def card_of(folder: Path, *contents: bytes, parted: bool = False) -> Card:
    """A card of these objects and no release; `parted`: in as many files as the largest object allows."""
    store = FolderStore(folder / "behind the card")
    digests = tuple(dict.fromkeys(store.put(content) for content in contents))
    largest = max(map(len, contents)) + 2 * ENTRY_BYTES + INDEX_BYTES_MAX
    written = write_objects((), digests, store, folder / "card.zip", **({"bytes_max": largest} if parted else {}))
    return open_card(written.parts)
