"""Which compression a caller takes (RFC 9110, 12.5.3), and the compressed forms of immutable bytes, kept."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import brotli

KEPT_BYTES_MAX = 64 << 20  # some thousand packs and pages; what falls out is compressed again when asked for
ENCODINGS = ("br", "gzip")  # the smaller one first
BROTLI_QUALITY = 9  # 11 takes ten times as long for 2-3% less


def accepted(header: str) -> list[str]:
    """Of br and gzip those that the caller takes, the smaller one first."""
    offered = {}
    for part in header.lower().split(","):
        name, _, weight = part.strip().partition(";")
        offered[name.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return [name for name in ENCODINGS if offered.get(name, offered.get("*", False))]


def compress(content: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(content, quality=BROTLI_QUALITY))
    return gzip.compress(content, mtime=0)


class Compressed:
    """A bounded store of compressed forms, the least recently used ones dropped first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def of(self, name: str, content: bytes, encoding: str) -> bytes:
        """The compressed form of immutable content, which its name stands for."""
        return self.made(name, encoding, lambda: content)

    def made(self, name: str, encoding: str, make: Callable[[], bytes]) -> bytes:
        """The same for content that is only made when its compressed form is not kept."""
        key = (name, encoding)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = compress(make(), encoding)
        with self._lock:
            self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, str], made: bytes) -> None:
        if key in self._kept:
            return
        self._kept[key] = made
        self._bytes += len(made)
        while self._bytes > KEPT_BYTES_MAX:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
