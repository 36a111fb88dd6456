"""GIFT: Moodle's text format for questions, as its documentation and the files that people have describe it."""

from offline_bundles.importing.gift.importer import GiftImporter

__all__ = ["GiftImporter"]
