"""IMS Common Cartridge 1.1 to 1.3, and the course exports of Canvas, which are cartridges with more in them."""

from offline_bundles.importing.cartridge.importer import CartridgeImporter

__all__ = ["CartridgeImporter"]
