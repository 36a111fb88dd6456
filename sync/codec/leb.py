"""LEB128 integers, signed and unsigned, in their shortest form only.

Source: Automerge binary format, "LEB128 encoded integers"; DWARF 5, section 7.6.
"""

from typing import Final

from sync.codec.errors import Malformed, Truncated

INTEGER_BYTES_MAX = 10  # 64 bits of seven
SIGNED: Final[tuple[int, ...]] = (*range(0x40), *range(-0x40, 0))  # what one byte means as a signed integer


class Reader:
    """Reads forward through bytes that it never copies whole; `at` is the next place to read."""

    __slots__ = ("at", "end", "source")

    def __init__(self, source: bytes, at: int = 0, end: int | None = None) -> None:
        self.source = source
        self.at = at
        self.end = len(source) if end is None else end

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, length: int) -> bytes:
        if length > self.end - self.at:
            raise Truncated(f"{length} bytes wanted at {self.at}, {self.left} left")
        start, self.at = self.at, self.at + length
        return self.source[start : self.at]

    def uleb(self) -> int:
        at = self.at
        if at < self.end and (byte := self.source[at]) < 0x80:  # nearly all of them
            self.at = at + 1
            return byte
        if at + 2 <= self.end and 0 < (high := self.source[at + 1]) < 0x80:  # lengths of records and changes
            self.at = at + 2
            return byte & 0x7F | high << 7
        value = self._long()
        if value >> 64:
            raise Malformed(f"an integer before {self.at} has more than 64 bits")
        return value

    def sleb(self) -> int:
        at = self.at
        if at < self.end and (byte := self.source[at]) < 0x80:
            self.at = at + 1
            return SIGNED[byte]
        value = self._long(signed=True)
        if not -(1 << 63) <= value < 1 << 63:
            raise Malformed(f"a signed integer before {self.at} has more than 64 bits")
        return value

    def ulebs(self, count: int) -> list[int]:
        """Many at once; those of one byte each cost next to nothing."""
        raw = self.source[self.at : self.at + count]
        if raw.isascii() and self.at + count <= self.end:
            self.at += count
            return list(raw)
        values, source, end = [], self.source, self.end
        for _ in range(count):
            at = self.at
            if at < end and (byte := source[at]) < 0x80:
                self.at = at + 1
                values.append(byte)
            elif at + 2 <= end and 0x80 > source[at + 1] > 0:
                self.at = at + 2
                values.append(byte & 0x7F | source[at + 1] << 7)
            else:
                values.append(self.uleb())
        return values

    def slebs(self, count: int) -> list[int]:
        raw = self.source[self.at : self.at + count]
        if raw.isascii() and self.at + count <= self.end:
            self.at += count
            return [SIGNED[byte] for byte in raw]
        return [self.sleb() for _ in range(count)]

    def _long(self, *, signed: bool = False) -> int:
        """An integer of several bytes, in its shortest form: its last byte is not there for nothing."""
        result = shift = byte = 0
        source, at, end = self.source, self.at, min(self.end, self.at + INTEGER_BYTES_MAX)
        while at < end:
            before, byte = byte, source[at]
            at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if byte == (0x7F if signed and before & 0x40 else 0):
                    raise Malformed(f"an integer before {at} is longer than it need be")
                self.at = at
                return result - (1 << shift) if signed and byte & 0x40 else result
        if at == self.end and end < self.at + INTEGER_BYTES_MAX:
            raise Truncated(f"an integer is cut at {at}")
        raise Malformed(f"an integer before {at} has more than 64 bits")


def uleb(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sleb(value: int) -> bytes:
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value & 0x7F)
    return bytes(out)
