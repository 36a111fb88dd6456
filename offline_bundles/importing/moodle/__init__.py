"""Moodle course backups (.mbz, packed or not) of Moodle 2 to 4."""

from offline_bundles.importing.moodle.importer import MoodleImporter

__all__ = ["MoodleImporter"]
