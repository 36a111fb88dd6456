"""`tiffin compact`: says what it packed, what is free now, and gives that back to the disk."""

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from server.backup.home import DATABASE, in_use
from server.cli.listing import command_line
from server.errors import SetupError
from server.log.compacting import BYTES_MIN, KEPT_MS
from tests.server.school import NOW_S, School, attempt, school
from tests.server.school import study as a_little

WEEKS = 2 * BYTES_MIN // 500  # an attempt and its grade are some 500 bytes


def said(home: Path, *words: str) -> str:
    """What the command prints; raises what it refuses with."""
    app = command_line(called=["compact"])
    done = CliRunner().invoke(app, ["compact", *words], env={"TIFFIN_HOME": str(home), "TIFFIN_DATABASE_URL": ""})
    if done.exception:
        raise done.exception
    return done.output


def some_weeks_ago(here: School) -> None:
    phone = here.device(here.learner())
    a_little(phone)
    for number in range(WEEKS):
        phone.submit(attempt(number + 1, started=NOW_S + 600 * number))
    here.exchange(phone)
    here.settle()
    with here.database.writing() as session:
        session.connection().execute(text("UPDATE log_entry SET received_ms = received_ms - :ago"), {"ago": KEPT_MS})


def test_old_work_is_packed_once_and_its_room_given_back_when_nobody_uses_the_home(tmp_path: Path) -> None:
    with school(f"sqlite:///{tmp_path / DATABASE}", tmp_path) as here:
        some_weeks_ago(here)
    before = (tmp_path / DATABASE).stat().st_size

    first = said(tmp_path)
    with in_use(tmp_path), pytest.raises(SetupError, match="is in use"):
        said(tmp_path, "--shrink")
    last = said(tmp_path, "--shrink")

    assert f"{2 * WEEKS + 2} entries were packed into" in first
    assert "are free, and used by what comes next" in first
    assert "nothing to pack" in last
    assert "The file is smaller by" in last
    assert (tmp_path / DATABASE).stat().st_size < before
