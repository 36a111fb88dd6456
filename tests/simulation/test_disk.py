"""The simulated disk itself: what it says was lost was lost, and what SQLite was told is safe is there."""

import sqlite3
from pathlib import Path
from random import Random

import pytest

from tests.simulation.machines.disk import plugged_in


def opened(path: Path, synchronous: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute(f"pragma synchronous={synchronous}")
    return connection


def words(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [word for (word,) in connection.execute("select word from word order by rowid")]


def one_life(folder: Path, synchronous: str, operations: int, random: Random | None) -> tuple[list[str], list[str]]:
    """What was committed before the crash, and what is there after it."""
    before, after = folder / f"before-{operations}", folder / f"after-{operations}"
    before.mkdir()
    with plugged_in(before) as disk:
        connection = opened(before / "it.db", synchronous)
        connection.execute("create table word (word text)")
        connection.execute("pragma wal_checkpoint(truncate)")
        disk.cut_power_after(operations, random)
        said = []
        for word in ("salt", "water", "sugar"):
            connection.execute("insert into word values (?)", (word,))
            if disk.image is None:
                said.append(word)
        connection.close()
        image = disk.image or disk.as_it_is(random)
    image.write(after)
    return said, words(after / "it.db")


@pytest.mark.parametrize("random", [None, Random(1)], ids=["killed", "power cut"])
def test_a_commit_that_was_synced_is_there_after_a_crash_at_any_operation(
    tmp_path: Path, random: Random | None
) -> None:
    for operations in range(24):
        said, found = one_life(tmp_path, "full", operations, random)
        assert found[: len(said)] == said, operations


def test_a_commit_that_was_not_synced_may_be_lost_in_a_power_cut_and_not_in_a_kill(tmp_path: Path) -> None:
    lost = [one_life(tmp_path, "normal", operations, Random(operations)) for operations in range(12)]
    assert any(len(found) < len(said) for said, found in lost)
    (tmp_path / "kills").mkdir()
    kept = [one_life(tmp_path / "kills", "normal", operations, None) for operations in range(12)]
    assert all(found[: len(said)] == said for said, found in kept)


@pytest.mark.parametrize(("how", "said"), [("full", "full"), ("io", "disk I/O error")])
def test_a_disk_that_refuses_is_told_as_an_error_and_works_again_when_mended(
    tmp_path: Path, how: str, said: str
) -> None:
    with plugged_in(tmp_path) as disk:
        connection = opened(tmp_path / "it.db", "full")
        connection.execute("create table word (word text)")
        disk.fail_after(1, how)
        with pytest.raises(sqlite3.OperationalError, match=said):
            connection.execute("insert into word values ('salt')")
        disk.mend()
        connection.execute("insert into word values ('water')")
        connection.close()
    assert words(tmp_path / "it.db") == ["water"]


def test_a_disk_that_is_pulled_leaves_sqlite_as_it_was(tmp_path: Path) -> None:
    with plugged_in(tmp_path / "here"):
        pass
    connection = opened(tmp_path / "elsewhere.db", "full")
    connection.execute("create table word (word text)")
    connection.close()
