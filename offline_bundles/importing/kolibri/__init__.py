"""Kolibri channels: the database that Kolibri imports with its storage, and the trees that ricecooker writes."""

from offline_bundles.importing.kolibri.importer import KolibriImporter

__all__ = ["KolibriImporter"]
