"""LEB128 integers, signed and unsigned, in their shortest form only.

Source: Automerge binary format, "LEB128 encoded integers"; DWARF 5, section 7.6.
"""

from sync.codec.errors import Malformed, Truncated

INTEGER_BYTES_MAX = 10  # 64 bits of seven


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
        result = shift = 0
        source, at = self.source, self.at
        for _ in range(INTEGER_BYTES_MAX):
            if at >= self.end:
                raise Truncated(f"an integer is cut at {at}")
            byte = source[at]
            at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if byte == 0 and shift > 7:
                    raise Malformed(f"an integer before {at} is longer than it need be")
                if result >> 64:
                    break
                self.at = at
                return result
        raise Malformed(f"an integer before {at} has more than 64 bits")

    def sleb(self) -> int:
        start = self.at
        result = shift = 0
        for _ in range(INTEGER_BYTES_MAX):
            if self.at >= self.end:
                raise Truncated(f"an integer is cut at {self.at}")
            byte = self.source[self.at]
            self.at += 1
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if byte & 0x40:
                    result -= 1 << shift
                if self.source[start : self.at] != sleb(result) or not -(1 << 63) <= result < 1 << 63:
                    raise Malformed(f"a signed integer before {self.at} is not in its shortest 64-bit form")
                return result
        raise Malformed(f"a signed integer before {self.at} has more than 64 bits")


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
