"""Taking a backup of a home while it is served: the tables by SQLite's online backup, then what they speak of.

The order matters. The tables come first, so that every object and every month of analytics that they know is in what
is copied after them; what is newer than the tables costs nothing, since objects are named by their bytes and events by
their numbers. What was written is read again, byte by byte, before it gets its name. What was damaged before it was
copied is looked for on the way (`server.backup.soundness`).
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from offline_bundles import FolderStore
from server.backup.archive import Content, Manifest, check, content_of, write_archive
from server.backup.home import DATABASE, hold, sync
from server.backup.soundness import Findings, of_database, of_history, remember
from server.database import Database, revision_of
from server.errors import SetupError
from server.log.auditing import Place
from server.log.entries import head
from server.tables import ServerState
from server.tables.core import table_of

STATE = table_of(ServerState)
SQLITE = "sqlite"
DAMAGED = "-damaged"  # in the name of what is no reason to let go of an older one
STATE_DIGITS = 8  # of all that a backup names: people, codes and settings change where the log does not


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was written and read again. What was found damaged is in it as it is; but for objects, which are
    listed and not held. So one bad sector keeps nobody from backing up the rest."""

    path: Path
    manifest: Manifest
    size: int
    findings: Findings


def back_up(home: Path, database: Database, to: Path, *, objects: bool = True) -> BackedUp:
    """Writes a backup to a file, or into a folder under the name that its content gives. Raises `SetupError`.

    `objects`: False lists them, for those who keep copies of them elsewhere.
    """
    with _beside(to) as aside:
        if to.is_file():
            raise SetupError(f"{to} is there already. Name another file; a backup is never overwritten.")
        broken: dict[str, str] = {}
        copies = dict(_copies(home, database, aside, broken))
        sources = copies | dict(_keys(home))
        manifest, segments = _told(database, sources, broken)
        held = dict(_objects(home)) if objects else {}
        whole = {name: one for name, one in held.items() if name.endswith(one.digest)}
        listed = {digest: size for digest, size in _sizes(home) if _object_name(digest) not in whole}
        manifest = replace(manifest, files={**manifest.files, **whole}, listed=listed)
        findings = Findings(broken, segments, tuple(name.rpartition("/")[2] for name in held if name not in whole))
        target = to / name_of(manifest, findings) if to.is_dir() else to
        if target.exists():  # nothing has changed since it was written
            check(target)
        else:
            _write(aside / "written", manifest, sources | {name: home / name for name in whole}, target)
    remember(home, database, findings)
    return BackedUp(target, manifest, target.stat().st_size, findings)


def name_of(manifest: Manifest, findings: Findings) -> str:
    """The same state has the same name; one with more of the log of the same life sorts behind it."""
    state = sha256(manifest.write()).hexdigest()[:STATE_DIGITS]
    return f"tiffin-{manifest.epoch}-{manifest.position:012d}-{state}{DAMAGED if findings.count else ''}.tar"


@contextmanager
def _beside(to: Path) -> Iterator[Path]:
    """A folder for the work, on the disk that the backup goes to. What a killed backup left in it is cleared."""
    folder = (to if to.is_dir() else to.parent) / ".tiffin-backup"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        hold(lock, f"Another backup is being written beside {to}. Wait until it is done.")
        aside = folder / "work"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _copies(home: Path, database: Database, aside: Path, broken: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """The databases, as they are; those in which SQLite finds a fault go to `broken` too."""
    months = [f"analytics/{month.name}" for month in sorted((home / "analytics").glob("????-??.db"))]
    is_sqlite = database.engine.dialect.name == SQLITE
    for name in [DATABASE, *months] if is_sqlite else months:
        copy = aside / Path(name).name
        if fault := _copy_sqlite(home / name, copy):
            broken[name] = fault
        yield name, copy


def _keys(home: Path) -> Iterator[tuple[str, Path]]:
    folder = home / "keys"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield f"keys/{path.relative_to(folder).as_posix()}", path


def _objects(home: Path) -> Iterator[tuple[str, Content]]:
    for digest, _ in _sizes(home):
        yield _object_name(digest), content_of(home / _object_name(digest))


def _sizes(home: Path) -> Iterator[tuple[str, int]]:
    store = FolderStore(home / "objects")
    for digest in store.digests():
        yield digest, store.size(digest)


def _object_name(digest: str) -> str:
    return f"objects/{digest[:2]}/{digest}"


def _copy_sqlite(source: Path, copy: Path) -> str:
    """A consistent copy of a database that others write to meanwhile; gives the first fault that is in it."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as reading,
        closing(sqlite3.connect(copy)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        return of_database(writing)


def _told(
    database: Database, sources: Mapping[str, Path], broken: Mapping[str, str]
) -> tuple[Manifest, dict[Place, int]]:
    """What the tables in the backup say of themselves, and what of old history they lost."""
    is_copied = DATABASE in sources
    try:
        with _tables_of(database, sources) as connection:
            epoch, position, schema = _epoch(connection), head(connection), _schema(connection)
            segments = of_history(connection, is_copied=is_copied)
    except DBAPIError as error:
        if DATABASE not in broken:
            raise
        said = f"The tables are damaged beyond what can be read: {broken[DATABASE]}."
        raise SetupError(f"{said} This is no state to back up; look for an older backup.") from error
    files = {name: content_of(path) for name, path in sources.items()}
    return Manifest(database.engine.dialect.name, schema, epoch.hex(), position, files, {}), segments


@contextmanager
def _tables_of(database: Database, sources: Mapping[str, Path]) -> Iterator[Connection]:
    """Those in the backup; those of PostgreSQL, which are not in it, as they are now."""
    if DATABASE not in sources:
        with database.engine.connect() as connection:
            yield connection
        return
    with closing(Database(f"sqlite:///{sources[DATABASE]}")) as copy, copy.engine.connect() as connection:
        yield connection
    with closing(sqlite3.connect(sources[DATABASE])) as alone:
        alone.execute("PRAGMA journal_mode=DELETE")


def _epoch(connection: Connection) -> bytes:
    return bytes(connection.execute(select(STATE.c.value).where(STATE.c.name == "epoch")).scalar() or b"")


def _schema(connection: Connection) -> str:
    return revision_of(connection) or ""


def _write(draft: Path, manifest: Manifest, sources: Mapping[str, Path], target: Path) -> None:
    write_archive(draft, manifest, sources)
    sync(draft)
    check(draft)
    draft.rename(target)
    sync(target.parent)
