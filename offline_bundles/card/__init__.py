"""The memory card: releases as one stored ZIP, or a few, read in place. docs/bundle-format.md, "The card".

layout   the ZIP's own structures, as bytes
index    card.json, the first file: which releases are on the card
writing  releases out of a store
reading  a card file's directory, from its end or, when it was cut short, from its start
store    one card of one or several files as a source of objects
taking   a release from a source into a store, every byte checked
"""

from offline_bundles.card.reading import is_card
from offline_bundles.card.store import Card, open_card
from offline_bundles.card.taking import adopt_release, take_release
from offline_bundles.card.writing import PART_BYTES_MAX, Written, write_card, write_objects

__all__ = [
    "PART_BYTES_MAX",
    "Card",
    "Written",
    "adopt_release",
    "is_card",
    "open_card",
    "take_release",
    "write_card",
    "write_objects",
]
