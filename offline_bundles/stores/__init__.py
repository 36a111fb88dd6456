"""Where objects are kept, by their SHA-256: a folder, or S3. One contract, tests/offline_bundles/stores.

A source only gives: a memory card (`offline_bundles.card`) is one. A store also keeps.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from offline_bundles.stores.folder import FolderStore


class ObjectSource(Protocol):
    """Bytes by the hexadecimal SHA-256 of themselves. An object is whole or absent, and never changes."""

    def has(self, digest: str) -> bool: ...

    def open(self, digest: str) -> BinaryIO:
        """Raises `MissingObject`."""

    def size(self, digest: str) -> int:
        """Raises `MissingObject`."""

    def read(self, digest: str, offset: int = 0, length: int | None = None) -> bytes:
        """A stretch of an object; shorter where the object ends. Raises `MissingObject`."""

    def digests(self) -> Iterator[str]: ...


class ObjectStore(ObjectSource, Protocol):
    """A source that takes objects too."""

    def __hash__(self) -> int:
        """What was read from it may be remembered with it."""

    def put(self, content: bytes) -> str:
        """Keeps bytes; gives their digest. Again costs nothing."""

    def hold(self, digest: str) -> bool:
        """Whether an object is here; then it stays, as if it had just been put."""

    def last_used(self, digest: str) -> float:
        """In seconds since 1970. Raises `MissingObject`."""

    def used(self, digest: str, *, at: float) -> None:
        """Notes that an object was asked for, about once a day."""

    def collect(self, digest: str, *, unused_since: float) -> int:
        """Removes an object that was not used since; gives its bytes, or 0 when it stays."""

    def sweep(self, *, unused_since: float) -> None:
        """Removes what a power cut left of writing and of collecting."""

    def put_file(self, path: Path) -> str:
        """Keeps a file's bytes without holding them in memory."""

    def put_from(self, content: BinaryIO) -> str:
        """Keeps what an open file gives, from its start; its digest is that of the bytes that were kept."""


__all__ = ["FolderStore", "ObjectSource", "ObjectStore"]
