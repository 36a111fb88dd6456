"""An object of a store far away as a file: read in stretches, and verified when it is read from its start to its end.

Whoever jumps reads what he asked for, unverified: only the whole object has a digest.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from offline_bundles.errors import TamperedObject
from offline_bundles.stores.placed import Placed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEALED = "Verify its course, then pack it again: tiffin verify COURSE NUMBER"
STRETCH_BYTES = 1 << 20  # one request each; smaller ones wait for the network, larger ones wait in memory

ReadStretch = Callable[[str, int, int | None], bytes]


class Stretches(Placed):
    def __init__(self, read: ReadStretch, digest: str, size: int) -> None:
        super().__init__(size)
        self._read = read
        self._digest = digest
        self._hashed = 0  # bytes from the start that went into the hash
        self._hash = sha256()

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Raises `TamperedObject` instead of giving the last stretch of an object that is not what its name says."""
        into = memoryview(buffer).cast("B")
        wanted = min(len(into), STRETCH_BYTES, self._size - self._at)
        content = self._read(self._digest, self._at, wanted) if wanted > 0 else b""
        self._verify(content)
        into[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _verify(self, content: bytes) -> None:
        if self._at != self._hashed:
            return
        self._hash.update(content)
        self._hashed += len(content)
        if self._hashed == self._size and self._hash.hexdigest() != self._digest:
            raise TamperedObject(
                f"Object {self._digest} is not what its name says. Verify its course: tiffin verify COURSE NUMBER"
            )
