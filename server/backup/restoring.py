"""Putting a backup back: everything is staged and checked beside what is there, then swapped in (`server.backup.home`).

The restored log begins a new life: a new epoch, so that every phone and hub offers again what this log lacks. Objects
are named by their bytes, so they are simply added; what is replaced is kept in a folder beside.
"""

import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from offline_bundles import FolderStore
from server.backup.archive import COPY_BYTES, Archive, Checked, Manifest, broken, content_of, opened
from server.backup.home import (
    DATABASE,
    FOLDERS,
    alone,
    begin_swap,
    finish_restore,
    name_for_replaced,
    staging,
    sync,
)
from server.backup.taking import SQLITE, STATE
from server.database import Database, revisions
from server.errors import SetupError
from server.settings import Settings

EPOCH_BYTES = 8
ROOM_KEPT_BYTES = 64 << 20  # beside what is restored: the tables grow as soon as phones come


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `replaced`: where the state before it lies, if there was any; `missing`: objects that the
    backup lists and nobody here holds."""

    manifest: Manifest
    epoch: str
    replaced: Path | None
    missing: tuple[str, ...]


def restore(settings: Settings, backup: Path) -> Restored:
    """Raises `SetupError`; then nothing was changed."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    with alone(home), opened(backup) as archive:
        _check_fit(settings, archive)
        with staging(home, tables_are_elsewhere=archive.manifest.database != SQLITE) as staged:
            _stage(archive, home, staged)
            epoch = _begin_epoch(settings, staged)
        replaced = name_for_replaced(home)
        begin_swap(home, replaced)
        finish_restore(home)
    store = FolderStore(home / "objects")
    missing = tuple(digest for digest in archive.manifest.listed if not store.has(digest))
    kept = home / replaced
    return Restored(archive.manifest, epoch, kept if kept.exists() else None, missing)


def _check_fit(settings: Settings, archive: Archive) -> None:
    """Asked before anything is written."""
    manifest = archive.manifest
    engine = SQLITE if settings.database.startswith(SQLITE) else "postgresql"
    if manifest.database != engine:
        raise SetupError(
            f"This backup was made beside {manifest.database}, and here the tables are in {engine}. "
            "Set TIFFIN_DATABASE_URL to where they shall be."
        )
    if (DATABASE in manifest.files) != (engine == SQLITE):
        raise broken(archive.path, f"{DATABASE} is not where it should be")
    if manifest.schema not in revisions():
        raise SetupError("This backup was made by a newer version of Tiffin. Update this server, then restore.")
    needed = sum(content.size for content in manifest.files.values()) + ROOM_KEPT_BYTES
    free = shutil.disk_usage(settings.home).free
    if needed > free:
        raise SetupError(f"The backup needs {needed >> 20} MB, and {free >> 20} MB are free. Make room first.")


def _stage(archive: Archive, home: Path, staged: Path) -> None:
    store = FolderStore(home / "objects")
    for name in FOLDERS:  # empty ones too: what is newer than the backup must not stay
        (staged / name).mkdir(mode=0o700)
    for name, file in archive.contents():
        if name.startswith("objects/"):
            _add_object(store, name, file, staged / "object", archive.path)
        else:
            _copy(file, staged / name)
    for name in {str(Path(name).parent) for name in archive.manifest.files} | {*FOLDERS}:
        sync((home if name.startswith("objects/") else staged) / name)


def _copy(file: Checked, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with to.open("xb") as staged:
        to.chmod(0o600)
        while chunk := file.read(COPY_BYTES):
            staged.write(chunk)
    sync(to)


def _add_object(store: FolderStore, name: str, file: Checked, aside: Path, of: Path) -> None:
    digest = name.rpartition("/")[2]
    here = store.root.parent / name
    if here.is_file() and content_of(here).digest == digest:
        return  # only if it is what its name says: a damaged disk may be why this is done
    _copy(file, aside)
    if file.digest() != digest:
        raise broken(of, f"{name} is damaged")
    with aside.open("rb") as staged:
        store.put_from(staged)
    aside.unlink()


def _begin_epoch(settings: Settings, folder: Path) -> str:
    """In the staged tables; those of PostgreSQL are where they are, restored by their own tools."""
    epoch = secrets.token_bytes(EPOCH_BYTES)
    staged = folder / DATABASE
    database = Database(f"sqlite:///{staged}" if staged.exists() else settings.database)
    try:
        database.migrate()
        with database.writing() as session:
            changed = session.connection().execute(update(STATE).where(STATE.c.name == "epoch").values(value=epoch))
            if changed.rowcount == 0:
                raise SetupError("The backup holds no log that was ever served. There is nothing to restore.")
    finally:
        database.close()
    if staged.exists():
        _fold_in(staged)
    return epoch.hex()


def _fold_in(database: Path) -> None:
    """One file, whole on the disk: nothing of it may wait in a log beside it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    sync(database)
