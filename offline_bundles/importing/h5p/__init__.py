"""H5P: one `.h5p` package, its question kinds and its interactive video mapped to what Tiffin has of its own."""

from offline_bundles.importing.h5p.importer import H5pImporter

__all__ = ["H5pImporter"]
