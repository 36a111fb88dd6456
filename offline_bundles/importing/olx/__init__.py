"""Open edX OLX: a course as Studio exports it, a folder or a tar.gz."""

from offline_bundles.importing.olx.importer import OlxImporter

__all__ = ["OlxImporter"]
