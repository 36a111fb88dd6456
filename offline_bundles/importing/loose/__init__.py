"""Videos, captions and papers that lie in a folder, without a course around them."""

from offline_bundles.importing.loose.importer import LooseImporter

__all__ = ["LooseImporter"]
