"""`tiffin compact --check` and `--heal`: what an administrator sees of damaged history, and does about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from server.backup import back_up
from server.backup.home import DATABASE
from server.backup.lending import ASIDE
from server.cli.listing import command_line
from server.database import Database
from server.errors import SetupError
from server.health import Standing
from server.log.auditing import Audit, damaged
from server.log.healing import Tables, heal_all
from server.metrics import Metrics
from server.reports.overview import overview
from server.tables import Learner, Segment
from tests.server.backup.homes import founded
from tests.server.log.test_compacting import compact, told, weeks
from tests.server.log.test_damage import alter, audit, lose
from tests.server.school import School
from tests.services.postgres import new_database
from tests.simulation.machines.disk import Image, plugged_in

OPERATIONS_MAX = 200  # of one healing; some twenty are enough


WELL, CODE = Standing(checks_failing=0, disk_low=False), "history_damaged"


@dataclass
class Said:
    """What a command printed, and how it ended."""

    out: str
    code: int


def command(home: Path, *words: str, url: str = "") -> Said:
    """Raises what it refuses with."""
    app = command_line(called=["compact"])
    done = CliRunner().invoke(app, ["compact", *words], env={"TIFFIN_HOME": str(home), "TIFFIN_DATABASE_URL": url})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Said(done.output, done.exit_code)


@contextmanager
def a_year_later(home: Path, url: str = "") -> Iterator[School]:
    """A home whose history is packed: two learners', a segment of each."""
    with founded(home, url) as here:
        for name in ("Amina", "Beauty"):
            weeks(here, here.device(here.learner(name)))
        compact(here)
        yield here


def hers(here: School, name: str) -> int:
    """The number of a learner's segment."""
    [learner] = [row.id for row in here.rows(Learner) if row.name == name]
    [segment] = [row.id for row in here.rows(Segment) if row.learner_id == learner]
    return int(segment)


def lengthen(here: School, number: int) -> None:
    """Over several pages of the file: what stands behind a segment's end is passed over."""
    with here.database.writing() as session:
        segment = session.get_one(Segment, number)
        segment.content = segment.content + Random(1).randbytes(20_000)


def lose_a_page(home: Path, number: int) -> None:
    """A sector of zeros in the middle of what a long segment is spread over."""
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute("VACUUM")
        [(content,)] = connection.execute("SELECT content FROM segment WHERE id = ?", (number,))
    raw = bytearray((home / DATABASE).read_bytes())
    page = raw.index(content[9_000:9_032]) // 4096 * 4096
    raw[page : page + 4096] = bytes(4096)
    (home / DATABASE).write_bytes(raw)


def test_an_administrator_sees_what_is_damaged_and_puts_it_back_from_a_backup(tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup.tar"
    with a_year_later(home) as here:
        well = command(home, "--check")
        back_up(home, here.database, backup)
        with here.database.reading() as session:
            amina = session.exec(select(Learner).where(Learner.name == "Amina")).one()
        new = here.device(amina)
        whole = told(here, new).frames
        alter(here, hers(here, "Amina"), at=0.1)

        checked = command(home, "--check")
        with here.database.reading() as session:
            [need] = [one for one in overview(session, here.organisation.id, WELL).needs if one.code == CODE]
        measured = Metrics(here.database, here.service, tmp_path).exposition().decode()
        healed = command(home, "--heal", str(backup))

        assert told(here, new).frames == whole
    assert (well.code, well.out.strip()) == (
        0,
        "All is well: 2 segments were read, and every body is what its entry says.",
    )
    assert checked.code == 1
    assert "1 of 2 segments are damaged:" in checked.out
    assert "entries of Amina, 20" in checked.out
    assert "tiffin compact --heal BACKUP" in checked.out
    assert (need.count, need.link) == (1, "")
    assert f'tiffin_segments_damaged{{organisation="{here.organisation.id}"}} 1.0' in measured
    assert "tiffin_audit_age_seconds" in measured
    assert healed.code == 0
    assert "entries are put back." in healed.out
    assert command(home, "--check").code == 0


def test_a_source_that_has_too_little_puts_back_what_it_has_and_says_what_is_lost(tmp_path: Path) -> None:
    """Also from a database that lies in a folder, such as one that a restore put aside."""
    home, aside = tmp_path / "home", tmp_path / "replaced-1"
    with a_year_later(home) as here:
        for name in ("Amina", "Beauty"):
            lose(here, hers(here, name))
    aside.mkdir()
    (aside / DATABASE).write_bytes((home / DATABASE).read_bytes())
    with closing(sqlite3.connect(aside / DATABASE)) as nothing_in_it:
        nothing_in_it.execute("DELETE FROM segment")
        nothing_in_it.commit()

    said = command(home, "--heal", str(aside / DATABASE))

    assert said.code == 1
    assert "0 entries were put back;" in said.out
    assert "Try another backup" in said.out
    assert not (home / ASIDE).exists()


def test_what_is_no_source_is_said_before_anything_is_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with a_year_later(home):
        pass
    letter, empty = tmp_path / "letter", tmp_path / "empty.db"
    letter.write_text("Dear Grace")
    with closing(sqlite3.connect(empty)) as connection:
        connection.execute("CREATE TABLE other (name TEXT)")

    for source, why in {
        str(letter): "is no whole backup",
        str(empty): "holds no log of Tiffin",
        str(home / DATABASE): "is what this server works on",
        "tiffin://here/tiffin": "cannot be read",
    }.items():
        with pytest.raises(SetupError, match=why):
            command(home, "--heal", source)
    with pytest.raises(SetupError, match="first; then"):
        command(home, "--check", "--shrink")


@pytest.mark.servers
def test_tables_in_postgresql_are_healed_from_a_dump_that_was_put_back_beside_them(
    tmp_path: Path, postgres_cluster: str, postgres_url: str
) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup.tar"
    with a_year_later(home, postgres_url) as here:
        segment = hers(here, "Amina")
        back_up(home, here.database, backup)
    beside = new_database(postgres_cluster, "put_back_beside", like=postgres_url.rpartition("/")[2])
    database = Database(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with database.writing() as session:
        session.get_one(Segment, segment).content = b"\0"
    database.close()

    with pytest.raises(SetupError, match="pg_dump"):
        command(home, "--heal", str(backup), url=postgres_url)
    healed = command(home, "--heal", beside, url=postgres_url)

    assert (healed.code, "entries are put back." in healed.out) == (0, True)
    assert command(home, "--check", url=postgres_url).code == 0


def test_pages_that_sqlite_itself_cannot_read_are_found_and_healed(tmp_path: Path) -> None:
    """The database gives an error and no bytes."""
    home, backup = tmp_path / "home", tmp_path / "backup.tar"
    with a_year_later(home) as here:
        number = hers(here, "Amina")
        lengthen(here, number)
        back_up(home, here.database, backup)
    lose_a_page(home, number)

    checked = command(home, "--check")
    healed = command(home, "--heal", str(backup))

    assert (checked.code, "1 of 2 segments are damaged:" in checked.out) == (1, True)
    assert (healed.code, "entries are put back." in healed.out) == (0, True)
    assert command(home, "--check").code == 0


def test_a_healing_that_is_cut_at_any_operation_leaves_the_segment_damaged_or_whole(tmp_path: Path) -> None:
    home, whole = tmp_path / "home", tmp_path / "whole.db"
    with a_year_later(home) as here:
        with closing(sqlite3.connect(home / DATABASE)) as reading, closing(sqlite3.connect(whole)) as writing:
            reading.backup(writing)
        number = hers(here, "Amina")
        lose(here, number)
        audit(here)
    lying = (home / DATABASE).read_bytes()

    came_of_it = []
    with closing(Database(f"sqlite:///{whole}")) as source, source.engine.connect() as there:
        for operation in range(OPERATIONS_MAX):
            image = healed_until(lying, tmp_path / f"before-{operation}", operation, Tables(there))
            if image is None:
                break
            came_of_it.append(lost_in(image, tmp_path / f"after-{operation}"))

    assert 5 < len(came_of_it) < OPERATIONS_MAX
    assert set(came_of_it) == {(number,), ()}, "nothing in between"
    assert sorted(came_of_it, reverse=True) == came_of_it


def healed_until(lying: bytes, folder: Path, operation: int, source: Tables) -> Image | None:
    """What is on the disk when the power goes before an operation of a healing; None: it was over before."""
    Image({DATABASE: lying}).write(folder)
    with plugged_in(folder) as disk, closing(Database(f"sqlite:///{folder / DATABASE}")) as database:
        disk.cut_power_after(operation, Random(operation))
        list(heal_all(database.engine, source))
    return disk.image


def lost_in(image: Image, folder: Path) -> tuple[int, ...]:
    """The segments that an audit finds damaged, which are those that were known to be."""
    image.write(folder)
    with closing(Database(f"sqlite:///{folder / DATABASE}")) as database, database.writing() as session:
        known = damaged(session.connection())
        Audit().step(session.connection())
        assert damaged(session.connection()) == known
    return tuple(place.id for place in known)
