"""Bytes as replies: the app's files, objects with ranges, packs, and their compression."""
