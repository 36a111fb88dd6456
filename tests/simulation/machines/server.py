"""The real server on a simulated disk: started, killed at any operation, set back to a backup, started again.

Only what anybody may use is used: `ExchangeService` to exchange, the tables to look at what became of it.
"""

import asyncio
import atexit
import json
import logging
import shutil
import sqlite3
import tempfile
from collections import namedtuple
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from server import backup
from server.database import Database
from server.errors import NotFound
from server.exchange.group import Keep
from server.exchange.service import ExchangeService
from server.grading.source import QuizSource
from server.log.compacting import Sweep
from server.log.segments import unpack
from server.pictures import Held, sender, take
from server.settings import Settings
from server.tables import Course, Device, Enrolment, Learner, LogEntry, Organisation, PictureState, Profile
from server.tables.core import table_of
from sync.errors import SyncError
from sync.identity import DeviceKey
from sync.pictures import PART, read_piece
from sync.wire import FrameKind
from tests.services.tables import DATABASE, newest_tables
from tests.simulation.machines.disk import Disk, Image, plugged_in
from tests.simulation.machines.phones import Lost, Refused
from tests.simulation.quizzes import Quizzes
from tests.simulation.story import Violation

COURSES = ("water-and-health", "sums")
T = TypeVar("T")
for noisy in ("server.writing", "server.log", "server.hubs"):  # disks that break on purpose would fill every report
    logging.getLogger(noisy).setLevel(logging.CRITICAL)


@dataclass
class _Berth:
    """A path that leads to whichever life lies there, so that one engine, with its compiled statements, serves all."""

    folder: Path
    databases: dict[Callable[[str], Database], Database] = field(default_factory=dict)

    def moor(self, life: Path, make: Callable[[str], Database]) -> Database:
        link = self.folder / "current"
        link.unlink(missing_ok=True)
        link.symlink_to(life)
        if make not in self.databases:
            self.databases[make] = make(f"sqlite:///{link / DATABASE}")
        return self.databases[make]


_free_berths: list[_Berth] = []


def _berth() -> _Berth:
    if _free_berths:
        return _free_berths.pop()
    folder = Path(tempfile.mkdtemp(prefix="tiffin-berth-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return _Berth(folder)


class _Loop(asyncio.SelectorEventLoop):
    """Tells when another thread hands an answer over: before or after the moment of a crash."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Callable[[], None] = lambda: None

    def call_soon_threadsafe(  # type: ignore[override]  # the arguments' types are of no concern here
        self, callback: Any, *words: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self.heard()
        return super().call_soon_threadsafe(callback, *words, context=context)


@dataclass
class Server:
    """One server's lives, each in a folder of its own below `root`."""

    root: Path
    make_service: Callable[..., ExchangeService] = ExchangeService
    make_database: Callable[[str], Database] = Database
    make_sweep: Callable[..., Sweep] = Sweep
    on_rest: Callable[["Server"], None] = lambda server: None
    lives: int = 0
    backups: list[Path] = field(default_factory=list)
    quizzes: QuizSource = field(default_factory=Quizzes)
    take: Callable[..., Held] = take
    whole: set[tuple[str, bytes]] = field(default_factory=set)  # photographs that phones were told are here
    whole_then: list[set[tuple[str, bytes]]] = field(default_factory=list)  # at each backup
    keep: Keep | None = None  # what a hub does with what it shall hand on

    def __post_init__(self) -> None:
        self._loop = _Loop()
        self._berth = _berth()
        self._open: Connection | None = None
        self._begin(Image({DATABASE: newest_tables()}).write)

    def _begin(self, furnish: Callable[[Path], object]) -> None:
        """The next life, in a folder that is furnished for it."""
        self.lives += 1
        self.folder = self.root / f"life-{self.lives}"
        self.folder.mkdir(parents=True)
        furnish(self.folder)
        self._plugs = ExitStack()
        self.disk: Disk = self._plugs.enter_context(plugged_in(self.folder))
        self.database = self._berth.moor(self.folder, self.make_database)
        self._reader = sqlite3.connect(self.folder / DATABASE)
        self.service: ExchangeService | None = None

    def start(self) -> None:
        self.on_rest(self)
        self.service = self.make_service(
            self.database.engine, analytics=self.folder / "analytics", quizzes=self.quizzes, keep=self.keep
        )
        self.service.start()

    @property
    def running(self) -> ExchangeService:
        assert self.service is not None
        return self.service

    def stop(self) -> None:
        if self.service is not None:
            self.service.stop()
        self.service = None
        self._reader.close()
        self.database.close()
        self._plugs.close()

    def close(self) -> None:
        self.stop()
        self._loop.close()
        _free_berths.append(self._berth)
        shutil.rmtree(self.root, ignore_errors=True)

    # What phones meet.

    def deliver(self, *requests: bytes) -> list[bytes | Exception]:
        """Answers, in order. An answer that was on its way when a crash came is none: `Lost`."""
        if len(requests) == 1 and requests[0].startswith(PART):
            return [self._take_piece(requests[0])]
        in_time: list[bool] = []
        self._loop.heard = lambda: in_time.append(self.disk.image is None)
        answers = self._loop.run_until_complete(self._all(requests))
        self._loop.heard = lambda: None
        written = iter(in_time)
        return [self._as_sent(answer, written) for answer in answers]

    def _take_piece(self, part: bytes) -> bytes | Exception:
        """A piece of a photograph, as it is written in a file; the answer is JSON."""
        try:
            piece = read_piece(part.removeprefix(PART))
            author = sender(self.running.devices, piece)
            held, state = self.take(self.database, author, piece)
        except (SyncError, NotFound) as error:
            return Refused(str(error))
        except SQLAlchemyError as error:
            return Lost(f"the server failed: {type(error).__name__}")
        if self.disk.image is not None:
            return Lost("the server died before it answered")
        if state is not PictureState.COMING:
            self.whole.add((author.learner, piece.digest))
        return json.dumps({"held": held, "state": state}).encode()

    async def _all(self, requests: Sequence[bytes]) -> list[Any]:
        if len(requests) > 1:
            return await self._all_at_once(requests)
        return list(await asyncio.gather(*map(self.running.exchange, requests), return_exceptions=True))

    async def _all_at_once(self, requests: Sequence[bytes]) -> list[Any]:
        """The writer is kept busy until all of them wait, so that the next group is all of them."""
        words = str(self.disk.operations).encode()
        with self.disk.held():
            busy = self.running.append(organisation="", learner="nobody", kind=FrameKind.MESSAGE, body=words)
            while not (busy.running() or busy.done()):  # the writer has not come to it yet
                await asyncio.sleep(0)
            tasks = [asyncio.ensure_future(self.running.exchange(request)) for request in requests]
            for _ in tasks:
                await asyncio.sleep(0)
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    def _as_sent(self, answer: bytes | BaseException, in_time: Any) -> bytes | Exception:
        if isinstance(answer, SyncError):
            return Refused(str(answer))
        if isinstance(answer, BaseException):
            next(in_time, None)
            return Lost(f"the server failed: {type(answer).__name__}")
        return answer if next(in_time, True) else Lost("the server died before it answered")

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """What is done with the running service, on this server's own loop."""
        return self._loop.run_until_complete(doing)

    def settle(self) -> None:
        """Until every consumer has seen everything; one that cannot go on is stuck for ever."""
        try:
            self._loop.run_until_complete(self.running.settled())
        except SQLAlchemyError as error:
            raise Violation("I4", f"a consumer is stuck: {error}") from error

    def compact(self) -> None:
        """All of its history moves into segments, however young, as far as the disk lets it."""
        with suppress(SQLAlchemyError):
            for _ in self.running.compact(self.make_sweep(kept_ms=0, bytes_min=1)):
                pass

    # What becomes of it.

    def crash(self) -> None:
        """Ends this life at the moment that the disk was told, or now, and begins the next."""
        image = self.disk.image or self.disk.as_it_is()
        self.stop()
        self._begin(image.write)
        self.start()

    def back_up(self) -> None:
        """While it runs, as `tiffin backup` does."""
        file = self.root / f"backup-{self.lives}-{len(self.backups)}.tar"
        self.whole_then.append(set(self.whole))
        self.backups.append(backup.back_up(self.folder, self.database, file).path)

    def restore(self, number: int) -> None:
        """As `tiffin restore` does; the log that grows from it is another, with an epoch of its own."""
        self.stop()
        file = self.backups[number]
        self._begin(lambda home: backup.restore(Settings(home=home, database_url=""), file))
        self.whole = set(self.whole_then[number])
        del self.backups[number + 1 :], self.whole_then[number + 1 :]
        self.start()

    # Who there is, and what there is.

    def add(self, *rows: SQLModel) -> None:
        """Writes rows down where they are not there yet."""
        with self.writing() as connection:
            for row in rows:
                connection.execute(sqlite_insert(table_of(type(row))).on_conflict_do_nothing(), row.model_dump())

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for all that is added within the block."""
        if self._open is not None:
            yield self._open
            return
        with self.database.engine.execution_options(writing=True).begin() as self._open:
            try:
                yield self._open
            finally:
                self._open = None

    def found(self, organisation: str) -> None:
        """An organisation with the courses."""
        courses = [Course(organisation_id=organisation, id=course, title={"en": course}) for course in COURSES]
        self.add(Organisation(id=organisation, name=organisation), *courses)

    def enrol(self, organisation: str, learner: str) -> None:
        enrolments = [Enrolment(learner_id=learner, course_id=each, organisation_id=organisation) for each in COURSES]
        self.add(Learner(id=learner, organisation_id=organisation, name=learner), *enrolments)

    def join(self, organisation: str, learner: str, key: DeviceKey, profile: int) -> None:
        device = key.device.hex()
        self.add(
            Device(id=device, organisation_id=organisation, public_key=key.public_key),
            Profile(device_id=device, number=profile, organisation_id=organisation, learner_id=learner),
        )

    def rows(self, model: type[SQLModel], where: str = "true", *values: Any) -> list[Any]:
        """What stands in a table now."""
        return read_rows(self._reader, model, where, *values)


def read_rows(connection: sqlite3.Connection, model: type[SQLModel], where: str = "true", *values: Any) -> list[Any]:
    """Rows of a table in the order in which they were written, as SQLite has them."""
    table = table_of(model)
    order = "order by rowid" if table.dialect_options["sqlite"]["with_rowid"] else ""
    cursor = connection.execute(f"select * from {table.name} where {where} {order}", values)  # noqa: S608
    row = _shape(table.name, tuple(column for column, *_ in cursor.description))
    rows = [row._make(one) for one in cursor]
    return _with_bodies(connection, rows) if model is LogEntry else rows


def _with_bodies(connection: sqlite3.Connection, entries: list[Any]) -> list[Any]:
    """Entries as they were before their bodies went into segments."""
    if not any(entry.segment_id for entry in entries):
        return entries
    segments = {number: unpack(content) for number, content in connection.execute("select id, content from segment")}
    return [entry._replace(body=_body(entry, segments)) if entry.segment_id else entry for entry in entries]


def _body(entry: Any, segments: dict[int, dict[int, bytes]]) -> bytes:
    body = segments.get(entry.segment_id, {}).get(entry.position)
    if body is None:
        raise Violation("I1", f"segment {entry.segment_id} has no body of entry {entry.position}")
    return body


@cache
def _shape(name: str, columns: tuple[str, ...]) -> Any:
    return namedtuple(name, columns)  # its columns are known when it is read
