"""The change codec: Automerge's binary change format, restricted to flat keys at the root."""

from sync.codec.change import (
    DELETED,
    DOOR,
    Change,
    Deleted,
    Limits,
    Op,
    OpId,
    change_hash,
    encode,
    from_chunk,
    to_chunk,
)
from sync.codec.decoding import Columns, columns_of, decode
from sync.codec.document import Document, MissingDependencies, Survivor
from sync.codec.errors import CodecError, Malformed, OutsideModel, OverLimit, Truncated
from sync.codec.recent import columns_once
from sync.codec.scalars import Scalar, Timestamp, Uint, ValueType, read_scalar, write_scalar

__all__ = [
    "DELETED",
    "DOOR",
    "Change",
    "CodecError",
    "Columns",
    "Deleted",
    "Document",
    "Limits",
    "Malformed",
    "MissingDependencies",
    "Op",
    "OpId",
    "OutsideModel",
    "OverLimit",
    "Scalar",
    "Survivor",
    "Timestamp",
    "Truncated",
    "Uint",
    "ValueType",
    "change_hash",
    "columns_of",
    "columns_once",
    "decode",
    "encode",
    "from_chunk",
    "read_scalar",
    "to_chunk",
    "write_scalar",
]
