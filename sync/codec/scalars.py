"""The values that a document may hold, and their bytes.

`int` is Automerge's signed integer; `Uint` and `Timestamp` exist so that what others wrote comes out as it went in.
Source: Automerge binary format, "Value metadata".
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sync.codec.errors import Malformed, OutsideModel
from sync.codec.leb import SIGNED, Reader, sleb, uleb


class ValueType(IntEnum):
    NULL = 0
    FALSE = 1
    TRUE = 2
    UINT = 3
    INT = 4
    F64 = 5
    STR = 6
    BYTES = 7
    TIMESTAMP = 9


@dataclass(frozen=True, slots=True)
class Uint:
    """An unsigned integer of up to 64 bits."""

    value: int


# The years 1 to 9999, less a day at each end for time zones: what calendars hold. The official package, which audits
# read with, makes no other: whoever wrote one would keep a document from ever being looked at.
TIMESTAMP_MS_MIN: Final = -62_135_510_400_000
TIMESTAMP_MS_MAX: Final = 253_402_214_399_999


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Milliseconds since 1970, signed."""

    value: int


Scalar = str | bytes | int | float | bool | Uint | Timestamp | None


NULL_META = int(ValueType.NULL)  # a null's length and type in one number, as the column has it


def write_scalar(value: Scalar) -> tuple[ValueType, bytes]:
    """A value's type and its raw bytes. `bool` is asked before `int`, of which it is a subclass."""
    if isinstance(value, bytes):
        return ValueType.BYTES, value
    if isinstance(value, str):
        return ValueType.STR, value.encode()
    if value is None:
        return ValueType.NULL, b""
    if isinstance(value, bool):
        return (ValueType.TRUE if value else ValueType.FALSE), b""
    if isinstance(value, int):
        return ValueType.INT, sleb(value)
    if isinstance(value, float):
        return ValueType.F64, struct.pack("<d", value)
    if isinstance(value, Uint):
        return ValueType.UINT, uleb(value.value)
    return ValueType.TIMESTAMP, sleb(value.value)


def read_scalar(value_type: int, raw: bytes) -> Scalar:
    """`value_type` is of four bits."""
    return READ[value_type](raw)


def _read_float(raw: bytes) -> float:
    if len(raw) != 8:
        raise Malformed(f"a float of {len(raw)} bytes")
    return float(struct.unpack("<d", raw)[0])


def _read_integer(raw: bytes) -> int:
    if len(raw) == 1 and raw.isascii():
        return SIGNED[raw[0]]
    reader = Reader(raw)
    return _ended(reader, reader.sleb())


def _read_timestamp(raw: bytes) -> Timestamp:
    value = _read_integer(raw)
    if not TIMESTAMP_MS_MIN <= value <= TIMESTAMP_MS_MAX:
        raise OutsideModel("a time outside the years 1 to 9999")
    return Timestamp(value)


def _read_uint(raw: bytes) -> Uint:
    reader = Reader(raw)
    return Uint(_ended(reader, reader.uleb()))


def _ended(reader: Reader, value: int) -> int:
    if reader.left:
        raise Malformed("an integer with bytes behind it")
    return value


def _plain(value: bool | None) -> Callable[[bytes], bool | None]:
    def read(raw: bytes) -> bool | None:
        if raw:
            raise Malformed("a null or a truth value with bytes")
        return value

    return read


def text(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8") from error


def _read_text(raw: bytes) -> str:
    return text(raw, "a value")


def _of_no_type(value_type: int) -> Callable[[bytes], Scalar]:
    def refuse(_: bytes) -> Scalar:
        raise OutsideModel(f"a value of type {value_type}")

    return refuse


_READERS: dict[int, Callable[[bytes], Scalar]] = {
    ValueType.NULL: _plain(None),
    ValueType.FALSE: _plain(False),
    ValueType.TRUE: _plain(True),
    ValueType.UINT: _read_uint,
    ValueType.INT: _read_integer,
    ValueType.F64: _read_float,
    ValueType.STR: _read_text,
    ValueType.BYTES: bytes,
    ValueType.TIMESTAMP: _read_timestamp,
}
READ: Final = tuple(_READERS.get(code, _of_no_type(code)) for code in range(16))  # by type: what makes a value of bytes
