"""Packing: a course folder becomes a signed release in a store."""

from offline_bundles.packing.report import Progress, Report

__all__ = ["Progress", "Report"]
