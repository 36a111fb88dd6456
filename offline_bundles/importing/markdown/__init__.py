"""Curricula written in Markdown: a folder of lessons, with quizzes as Markdown or JSON, in one language or several."""

from offline_bundles.importing.markdown.importer import MarkdownImporter

__all__ = ["MarkdownImporter"]
