"""Old bodies of one learner, packed together: a segment. Entries keep their rows, and their bodies lie in it.

So cursors, sequences, chains and what is known by hash go on as before, and whoever reads bodies gets them from here
without knowing: `bodied`. A segment is written once and never changed; one that a disk damaged is replaced whole
(`server.log.healing`). Who meets one reads on without what it held, or stops there: nobody else is held up.

Its content is zlib (RFC 1950, whose checksum finds what a disk altered) of: `uleb` version = 1; `uleb` count; so many
`uleb` positions, the first as it is and the others as the difference to the one before; so many `uleb` lengths; then
the bodies, one after another.
"""

import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, islice, pairwise
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.bulk import ask, run
from server.errors import SegmentDamaged
from server.log.names import NAMED, Named, confirmed
from sync.codec import CodecError, OutsideModel, OverLimit
from sync.codec.leb import Reader, uleb
from sync.limits import FRAME_BYTES_MAX

VERSION = 1
BODIES_BYTES_MAX = 64 << 10  # what one segment holds: past it DEFLATE finds little more, and one entry costs it all
ENTRIES_MAX = 512  # a slice writes so many rows anew: some 10 ms
INFLATED_BYTES_MAX = BODIES_BYTES_MAX + FRAME_BYTES_MAX  # one body alone may be longer than the bound, and the places
LEVEL = 9  # twice the time of the usual one, behind everything, for 4 % less on the disk for ever
SALVAGED_BYTES = 64  # inflated at once of a damaged one: what stands before the damage in them is lost too
TOGETHER = 128  # entries whose segments are in memory at once: some megabytes
PACKED_IN = f"""
    SELECT {", ".join(f"e.{name}" for name in NAMED)} FROM segment s JOIN log_entry e ON e.learner_id = s.learner_id
    AND e.position >= s.first_position AND e.position <= s.last_position AND e.segment_id = s.id
    WHERE s.id = ? ORDER BY e.position
"""  # noqa: S608  # names of our own
CONTENTS = "SELECT s.id, s.content FROM {asked} JOIN segment s ON s.id = asked.column1"


UNREADABLE = (zlib.error, CodecError)  # what `unpack` raises
PRIMARY = 0xFF  # of SQLite's codes the part that names the sort: https://www.sqlite.org/rescode.html
DAMAGE_SQLITE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR)
DAMAGE_POSTGRESQL = ("XX001", "XX002", "58030")  # data_corrupted, index_corrupted, io_error
ADVICE = "Look at the disk, then: tiffin compact --check"
log = logging.getLogger(__name__)


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
    for row, body in readable(connection, rows):
        if body is None:
            raise SegmentDamaged(f"Segment {row.segment_id} of the log is not as it was written. {ADVICE}")
        yield row, body


def readable(connection: Connection, rows: Iterable[R]) -> Iterator[tuple[R, bytes | None]]:
    """The same; None where the body is lost in a damaged segment."""
    left = iter(rows)
    while some := list(islice(left, TOGETHER)):
        packed = bodies(connection, {row.segment_id for row in some if row.segment_id})
        for row in some:
            yield row, packed.get(row.position) if row.segment_id else bytes(row.body)


def bodies(connection: Connection, segments: Iterable[int]) -> dict[int, bytes]:
    """What these segments hold, by position; of a damaged one, which is named in the server's log, what is left."""
    found: dict[int, bytes] = {}
    for segment, content in contents(connection, sorted(segments)):
        try:
            found.update(unpack(content))
        except UNREADABLE as error:
            log.error("segment %d is not as it was written: %s. %s", segment, error, ADVICE)
            found.update(confirmed(connection, packed_in(connection, segment), salvage(content)))
    return found


def packed_in(connection: Connection, segment: int) -> list[Named]:
    """The entries whose bodies a segment ought to hold; in order."""
    return [Named(*row) for row in run(connection, PACKED_IN, (segment,))]


def contents(connection: Connection, segments: Sequence[int]) -> list[tuple[int, bytes]]:
    """As they lie there; empty where the database itself cannot read them.

    Asked on a connection of their own: SQLite commits nothing more in a transaction that met a page which does not fit,
    and PostgreSQL answers nothing more.
    """
    if not segments:
        return []
    try:
        with connection.engine.execution_options(writing=False).connect() as apart:
            return [(id_, bytes(content)) for id_, content in ask(apart, CONTENTS, [(one,) for one in segments])]
    except DBAPIError as error:
        if not tells_of_damage(error):
            raise
        if len(segments) > 1:
            return [one for segment in segments for one in contents(connection, [segment])]
        return [(segments[0], b"")]  # which no segment is


def is_written(connection: Connection, segment: int, whole: Mapping[int, bytes]) -> bool:
    """Whether what was written in this transaction is read back as it should be."""
    [(_, content)] = ask(connection, CONTENTS, [(segment,)])
    try:
        return unpack(bytes(content)) == whole
    except UNREADABLE:
        return False


def tells_of_damage(error: DBAPIError) -> bool:
    """Whether it is these bytes that the database cannot read: pages that do not fit together, sectors that fail."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY in DAMAGE_SQLITE
    return getattr(error.orig, "sqlstate", "") in DAMAGE_POSTGRESQL


def pack(bodies: Mapping[int, bytes]) -> bytes:
    """A segment's content; `bodies` by position, in ascending order."""
    steps = [after - before for before, after in pairwise((0, *bodies))]
    numbers = (VERSION, len(bodies), *steps, *map(len, bodies.values()))
    return zlib.compress(b"".join([*map(uleb, numbers), *bodies.values()]), LEVEL)


def unpack(content: bytes) -> dict[int, bytes]:
    """Bodies by position. Raises `zlib.error` or `CodecError`."""
    inflating = zlib.decompressobj()
    inflated = inflating.decompress(content, INFLATED_BYTES_MAX)
    if not inflating.eof:
        raise OverLimit(f"a segment that is cut, or holds more than {INFLATED_BYTES_MAX} bytes")
    return dict(_parts(inflated))


def salvage(content: bytes) -> dict[int, bytes]:
    """What can still be read of a damaged segment, to be believed only where its hash says so."""
    found: dict[int, bytes] = {}
    inflating, inflated = zlib.decompressobj(), bytearray()
    with suppress(zlib.error):
        for at in range(0, len(content), SALVAGED_BYTES):
            room = INFLATED_BYTES_MAX - len(inflated)
            if room <= 0:
                break
            inflated += inflating.decompress(content[at : at + SALVAGED_BYTES], room)
    with suppress(CodecError):
        found.update(_parts(bytes(inflated)))
    return found


def _parts(inflated: bytes) -> Iterator[tuple[int, bytes]]:
    reader = Reader(inflated)
    if (version := reader.uleb()) != VERSION:
        raise OutsideModel(f"a segment of version {version}, which a newer server wrote")
    count = reader.uleb()
    positions, lengths = accumulate(reader.ulebs(count)), reader.ulebs(count)
    yield from zip(positions, map(reader.take, lengths), strict=True)
