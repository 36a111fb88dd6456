"""Old bodies of one learner, packed together: a segment. Entries keep their rows, and their bodies lie in it.

So cursors, sequences, chains and what is known by hash go on as before, and whoever reads bodies gets them from here
without knowing: `bodied`. A segment is written once and never changed.

Its content is zlib (RFC 1950, whose checksum finds what a disk altered) of: `uleb` version = 1; `uleb` count; so many
`uleb` positions, the first as it is and the others as the difference to the one before; so many `uleb` lengths; then
the bodies, one after another.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, islice, pairwise
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from server.bulk import ask
from server.errors import SegmentDamaged
from sync.codec import CodecError, OutsideModel, OverLimit
from sync.codec.leb import Reader, uleb
from sync.limits import FRAME_BYTES_MAX

VERSION = 1
BODIES_BYTES_MAX = 64 << 10  # what one segment holds: past it DEFLATE finds little more, and one entry costs it all
ENTRIES_MAX = 512  # a slice writes so many rows anew: some 10 ms
INFLATED_BYTES_MAX = BODIES_BYTES_MAX + FRAME_BYTES_MAX  # one body alone may be longer than the bound, and the places
LEVEL = 9  # twice the time of the usual one, behind everything, for 4 % less on the disk for ever
TOGETHER = 128  # entries whose segments are in memory at once: some megabytes
CONTENTS = "SELECT s.id, s.content FROM {asked} JOIN segment s ON s.id = asked.column1"


class Row(Protocol):
    """What a row of the log must tell for its body to be found."""

    @property
    def position(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def segment_id(self) -> int | None: ...


R = TypeVar("R", bound=Row)


def bodied(connection: Connection, rows: Iterable[R]) -> Iterator[tuple[R, bytes]]:
    """Each row of the log with its body, wherever that lies; in order. Raises `SegmentDamaged`."""
    left = iter(rows)
    while some := list(islice(left, TOGETHER)):
        packed = bodies(connection, {row.segment_id for row in some if row.segment_id})
        for row in some:
            yield row, packed[row.position] if row.segment_id else bytes(row.body)


def bodies(connection: Connection, segments: Iterable[int]) -> dict[int, bytes]:
    """All that these segments hold, by position. Raises `SegmentDamaged`."""
    found: dict[int, bytes] = {}
    for segment, content in ask(connection, CONTENTS, [(segment,) for segment in sorted(segments)]):
        try:
            found.update(unpack(bytes(content)))
        except (zlib.error, CodecError) as error:
            raise SegmentDamaged(f"Segment {segment} of the log is not as it was written: {error}") from error
    return found


def pack(bodies: Mapping[int, bytes]) -> bytes:
    """A segment's content; `bodies` by position, in ascending order."""
    steps = [after - before for before, after in pairwise((0, *bodies))]
    numbers = (VERSION, len(bodies), *steps, *map(len, bodies.values()))
    return zlib.compress(b"".join([*map(uleb, numbers), *bodies.values()]), LEVEL)


def unpack(content: bytes) -> dict[int, bytes]:
    """Bodies by position. Raises `zlib.error` or `CodecError`."""
    inflating = zlib.decompressobj()
    reader = Reader(inflating.decompress(content, INFLATED_BYTES_MAX))
    if not inflating.eof:
        raise OverLimit(f"a segment that is cut, or holds more than {INFLATED_BYTES_MAX} bytes")
    if (version := reader.uleb()) != VERSION:
        raise OutsideModel(f"a segment of version {version}, which a newer server wrote")
    count = reader.uleb()
    positions, lengths = accumulate(reader.ulebs(count)), reader.ulebs(count)
    return dict(zip(positions, map(reader.take, lengths), strict=True))
