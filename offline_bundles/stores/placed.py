"""Reading from a place within a fixed length: what each file has whose bytes lie somewhere else."""

from io import SEEK_CUR, SEEK_END, SEEK_SET, RawIOBase


class Placed(RawIOBase):
    """Keeps `_at`; who derives reads there, and moves it on."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        base = {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at
