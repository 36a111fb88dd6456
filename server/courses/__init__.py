"""Courses and their releases: taken in, published, outlined, handed out in packs."""
