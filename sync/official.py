"""The one door to the official Automerge package: an independent reading of the same changes, for audits and exports.

The package (1.0.0rc1) signals some faults by a PanicException, which is a BaseException, and drops changes with missing
dependencies in silence: so only complete sets are handed in, and nothing but `OfficialRefusal` comes out.
"""

from collections.abc import Iterable

from automerge import core

from sync.codec import to_chunk
from sync.codec.scalars import Scalar, Timestamp, Uint


class OfficialRefusal(RuntimeError):
    """The official package does not take these changes."""


def winners_of(bodies: Iterable[bytes]) -> dict[str, Scalar]:
    """What the official package shows at each key: of concurrent puts the one with the highest Lamport id."""
    document = _loaded(bodies)
    return {key: _scalar(document.get(core.ROOT, key)) for key in document.keys(core.ROOT)}


def heads_of(bodies: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(_loaded(bodies).get_heads()))


def document_of(bodies: Iterable[bytes]) -> bytes:
    """The whole document in the official file format."""
    return bytes(_loaded(bodies).save())


def changes_of(document: "core.Document") -> tuple[bytes, ...]:
    """Every change of an official document, as chunks."""
    return tuple(bytes(change.bytes) for change in document.get_changes([]))


def _loaded(bodies: Iterable[bytes]) -> "core.Document":
    chunks = b"".join(to_chunk(body) for body in bodies)
    if not chunks:
        return core.Document()
    try:
        return core.Document.load(chunks)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a PanicException is no Exception
        raise OfficialRefusal(str(error)) from error


def _scalar(found: "tuple[core.Value, bytes] | None") -> Scalar:
    if found is None:
        return None
    kind, value = found[0]
    if kind == core.ScalarType.Bytes:
        return bytes(value)
    if kind == core.ScalarType.Uint:
        return Uint(value)
    if kind == core.ScalarType.Timestamp:
        return Timestamp(round(value.timestamp() * 1000))
    return value  # type: ignore[no-any-return]  # the package is untyped; the other kinds are plain scalars
