"""The values that a document may hold, and their bytes.

`int` is Automerge's signed integer; `Uint` and `Timestamp` exist so that what others wrote comes out as it went in.
Source: Automerge binary format, "Value metadata".
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from sync.codec.errors import Malformed, OutsideModel
from sync.codec.leb import Reader, sleb, uleb


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


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Milliseconds since 1970, signed."""

    value: int


Scalar = str | bytes | int | float | bool | Uint | Timestamp | None


def write_scalar(value: Scalar) -> tuple[ValueType, bytes]:
    """A value's type and its raw bytes. `bool` is asked before `int`, of which it is a subclass."""
    match value:
        case None:
            return ValueType.NULL, b""
        case bool():
            return (ValueType.TRUE if value else ValueType.FALSE), b""
        case int():
            return ValueType.INT, sleb(value)
        case str():
            return ValueType.STR, value.encode()
        case bytes():
            return ValueType.BYTES, value
        case float():
            return ValueType.F64, struct.pack("<d", value)
        case Uint():
            return ValueType.UINT, uleb(value.value)
        case Timestamp():
            return ValueType.TIMESTAMP, sleb(value.value)


def read_scalar(value_type: int, raw: bytes) -> Scalar:
    match value_type:
        case ValueType.STR:
            return text(raw, "a value")
        case ValueType.BYTES:
            return raw
        case ValueType.F64:
            if len(raw) != 8:
                raise Malformed(f"a float of {len(raw)} bytes")
            return float(struct.unpack("<d", raw)[0])
        case ValueType.INT | ValueType.UINT | ValueType.TIMESTAMP:
            return _read_integer(value_type, raw)
        case ValueType.NULL | ValueType.FALSE | ValueType.TRUE:
            if raw:
                raise Malformed("a null or a truth value with bytes")
            return None if value_type == ValueType.NULL else value_type == ValueType.TRUE
        case _:
            raise OutsideModel(f"a value of type {value_type}")


def _read_integer(value_type: int, raw: bytes) -> Scalar:
    reader = Reader(raw)
    value = reader.uleb() if value_type == ValueType.UINT else reader.sleb()
    if reader.left:
        raise Malformed("an integer with bytes behind it")
    if value_type == ValueType.UINT:
        return Uint(value)
    return Timestamp(value) if value_type == ValueType.TIMESTAMP else value


def text(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"{what} is not UTF-8") from error
