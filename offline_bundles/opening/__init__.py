"""Opening a release again: what it holds, whether every byte is as it was signed, and what an update needs."""
