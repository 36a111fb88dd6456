"""QTI, the standard for questions and tests: 1.2 (with the profiles of Common Cartridge and Canvas), 2.x and 3.0."""

from offline_bundles.importing.qti.importer import QtiImporter

__all__ = ["QtiImporter"]
