"""The name of what an open file gives: its SHA-256, read in bounded memory."""

from hashlib import sha256
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


def digest_of(content: BinaryIO) -> str:
    """In hexadecimal, from where the file stands to its end."""
    digest = sha256()
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
