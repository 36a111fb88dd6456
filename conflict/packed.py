"""Numbers packed into a value's bytes: unsigned LEB128 of at most 53 bits, what a phone's numbers hold exactly."""

from conflict.errors import MalformedValue

NUMBER_MAX = 2**53 - 1
NUMBER_BYTES_MAX = 8


def write_number(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_number(raw: bytes, at: int) -> tuple[int, int]:
    """The number at a place, and the place behind it."""
    value = shift = 0
    for index in range(at, min(at + NUMBER_BYTES_MAX, len(raw))):
        byte = raw[index]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if value > NUMBER_MAX or (byte == 0 and index > at):
                break
            return value, index + 1
    raise MalformedValue("a number is cut, too long, or above 2^53")


def read_numbers(raw: bytes, at: int = 0) -> list[int]:
    numbers = []
    while at < len(raw):
        number, at = read_number(raw, at)
        numbers.append(number)
    return numbers
