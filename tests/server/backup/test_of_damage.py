"""A backup of a home that is damaged: made all the same, and never to be taken for a good one."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offline_bundles import FolderStore
from server.backup import back_up, restore
from server.backup.home import DATABASE
from server.backup.soundness import noted
from server.cli.keeping import MADE_OF_DAMAGE
from server.cli.listing import command_line
from server.database import Database
from server.errors import SetupError
from server.metrics import Metrics
from tests.server.backup.homes import founded, settings_of
from tests.server.cli.test_checking_history import a_year_later, command, hers, lengthen, lose_a_page
from tests.server.log.test_damage import alter


@dataclass
class Said:
    """What `tiffin backup` printed, how it ended, and the file that it wrote last."""

    out: str
    code: int
    file: Path


def backup(home: Path, to: Path) -> Said:
    app = command_line(called=["backup"])
    before = set(to.glob("*.tar"))
    done = CliRunner().invoke(app, ["backup", str(to)], env={"TIFFIN_HOME": str(home), "TIFFIN_DATABASE_URL": ""})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.output, done.exit_code, *(set(to.glob("*.tar")) - before))


def test_lost_history_is_told_with_what_to_do_and_the_backup_before_it_heals_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with a_year_later(home) as here:
        good = backup(home, tmp_path)
        well = Metrics(here.database, here.service, home).exposition().decode()
        alter(here, hers(here, "Amina"), at=0.1)
        bad = backup(home, tmp_path)
        ill = Metrics(here.database, here.service, home).exposition().decode()
        healed = command(home, "--heal", str(good.file))
    again = backup(home, tmp_path)

    assert (good.code, bad.code, healed.code, again.code) == (0, MADE_OF_DAMAGE, 0, 0)
    assert "1 segments of old history have lost" in bad.out
    assert "tiffin compact --heal BACKUP" in bad.out
    assert bad.file.name.endswith("-damaged.tar")
    assert not again.file.name.endswith("-damaged.tar")
    assert "tiffin_backup_damaged 0.0" in well
    assert "tiffin_backup_damaged 1.0" in ill
    assert f'tiffin_segments_damaged{{organisation="{here.organisation.id}"}} 1.0' in ill, "before the week's audit"


def test_a_page_that_sqlite_cannot_read_keeps_nobody_from_backing_up_the_rest(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    with a_year_later(home) as here:
        number = hers(here, "Amina")
        lengthen(here, number)
        good = back_up(home, here.database, tmp_path)
    lose_a_page(home, number)

    bad = backup(home, tmp_path)
    restore(settings_of(elsewhere), bad.file)
    healed = command(elsewhere, "--heal", str(good.path))

    assert bad.code == MADE_OF_DAMAGE
    assert f"{DATABASE}: " in bad.out
    assert "1 segments of old history have lost" in bad.out
    assert (healed.code, "entries are put back." in healed.out) == (0, True)


def test_tables_that_cannot_be_read_at_all_are_no_state_to_back_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with founded(home):
        pass
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'server_state'")
    raw = bytearray((home / DATABASE).read_bytes())
    raw[(page - 1) * 4096 : page * 4096] = bytes(4096)
    (home / DATABASE).write_bytes(raw)

    with closing(Database(settings_of(home).database)) as database, pytest.raises(SetupError, match="an older backup"):
        back_up(home, database, tmp_path)
    assert not list(tmp_path.glob("*.tar"))


def test_an_object_that_is_damaged_is_told_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with founded(home):
        digest = next(FolderStore(home / "objects").digests())
        (home / "objects" / digest[:2] / digest).write_bytes(b"rotten")

    said = backup(home, tmp_path)

    assert (said.code, digest in said.out, "tiffin verify" in said.out) == (MADE_OF_DAMAGE, True, True)
    last = noted(home)
    assert last is not None
    assert last.damaged == 1
