"""`tiffin backup` and `tiffin restore`, killed before every change that they make to a disk, and the power cut there.

After it a home is what it was, or what the backup says under an epoch that nobody has seen: never some of each, and
never the restored log under an epoch of before. What was replaced lies beside it, whole. A backup is there, or is not.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from offline_bundles import FolderStore
from server.backup import back_up, restore
from server.backup.archive import check
from server.backup.home import EPOCH_DUE, in_use
from server.database import Database
from server.errors import SetupError
from tests.server.backup.homes import OBJECTS, a_day, founded, settings_of
from tests.server.backup.test_restoring import epoch_of
from tests.simulation.machines.deaths import Death, dies
from tests.simulation.running import MEMORY

CHANGES_MAX = 1_000
REPLACED = ("tiffin.db", "tiffin.db-wal", "keys", "analytics")
PAGES = 9  # of a backup's changes, one in so many: they are mostly the same, page after page
EACH, SOME, FEW = 1, 3, 5


@dataclass(frozen=True)
class Scene:
    """A home as a killed server left it, a backup of the day before, and that backup put back where nothing was."""

    root: Path
    home: Path
    backup: Path
    elsewhere: Path

    def deaths(self, death: Death, act: Callable[[Path], object], stride: int) -> Iterator[tuple[int, Path]]:
        """A copy of the home after each death, until one comes to its end, which is the last."""
        folder = self.root / "life"
        for change in range(0, CHANGES_MAX, stride):
            shutil.copytree(self.home, folder / "home")
            died = dies(death, change, lambda: act(folder / "home"), folder)
            yield change, folder / "home"
            shutil.rmtree(folder)
            if not died:
                return
        pytest.fail(f"{CHANGES_MAX} changes, and no end")


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    root = Path(tempfile.mkdtemp(prefix="tiffin-deaths-", dir=MEMORY if MEMORY.is_dir() else None))
    served = root / "served"
    with founded(served) as here:
        phone = here.device(here.learner())
        a_day(phone, 1)
        here.exchange(phone)
        here.settle()
        backup = back_up(served, here.database, root).path
        a_day(phone, 40)
        here.exchange(phone)
        here.settle()
        shutil.copytree(served, root / "home")
    assert (root / "home" / "tiffin.db-wal").stat().st_size > 0, "killed before it folded in what came last"
    (root / "home" / "keys" / "later.key").write_bytes(b"made after the backup")
    shutil.rmtree(root / "home" / "objects" / sha256(OBJECTS[0]).hexdigest()[:2])
    restore(settings_of(root / "elsewhere"), backup)
    yield Scene(root, root / "home", backup, root / "elsewhere")
    shutil.rmtree(root)


def files(home: Path) -> dict[str, bytes]:
    """The bytes of all that a restore replaces."""
    paths = [path for name in REPLACED for path in (home / name, *(home / name).rglob("*"))]
    return {str(path.relative_to(home)): path.read_bytes() for path in paths if path.is_file()}


def epoch_and_log(home: Path) -> tuple[bytes, list[bytes]]:
    with closing(sqlite3.connect(home / "tiffin.db")) as connection:
        [(epoch,)] = connection.execute("select value from server_state where name = 'epoch'")
        return epoch, [entry for (entry,) in connection.execute("select hash from log_entry order by position")]


def starts(home: Path) -> None:
    with in_use(home):
        assert not (home / ".restoring" / "ready").exists()


def expect_restored(home: Path, scene: Scene) -> None:
    """All of the backup, under an epoch of its own, and beside it all of what was there."""
    now, then = files(home), files(scene.elsewhere)
    epoch, log = epoch_and_log(home)
    assert now.pop("tiffin.db") != then.pop("tiffin.db")
    assert now == then
    assert log == epoch_and_log(scene.elsewhere)[1]
    assert epoch not in (epoch_and_log(scene.root / "served")[0], epoch_and_log(scene.elsewhere)[0])
    assert any(files(kept) == files(scene.home) for kept in home.glob("replaced-*")), "what was there is gone"
    assert set(map(FolderStore(home / "objects").read, FolderStore(home / "objects").digests())) == set(OBJECTS)


@pytest.mark.slow
@pytest.mark.parametrize(("death", "stride"), [(Death.KILLED, EACH), (Death.POWER_CUT, SOME)])
def test_a_restore_that_dies_before_any_change_has_happened_or_has_not(scene: Scene, death: Death, stride: int) -> None:
    def restores(home: Path) -> None:
        restore(settings_of(home), scene.backup)

    happened = []
    for change, home in scene.deaths(death, restores, stride):
        if change % 2:
            restores(home)
            expect_restored(home, scene)
            assert not (home / ".restoring").exists(), "nothing of the first try stays"
            continue
        starts(home)
        happened.append(files(home) != files(scene.home))
        if happened[-1]:
            expect_restored(home, scene)

    assert happened == sorted(happened), "once it has begun it happens"
    assert happened.count(False) > 10, "staged, checked and given its epoch"
    assert happened.count(True) > 2, "swapped in"


@pytest.mark.slow
@pytest.mark.parametrize("death", Death)
def test_a_backup_that_dies_before_any_change_is_there_whole_or_is_not(scene: Scene, death: Death) -> None:
    def backs_up(home: Path) -> None:
        with in_use(home):
            database = Database(settings_of(home).database)
            back_up(home, database, home.parent)
            database.close()

    made = []
    for _, home in scene.deaths(death, backs_up, PAGES):
        made.append([check(path) for path in home.parent.glob("*.tar")])
        for path in home.parent.glob("*.tar"):
            path.unlink()
        backs_up(home)
        [backup] = home.parent.glob("*.tar")
        assert check(backup).position == len(epoch_and_log(home)[1])

    assert not made[0]
    assert made[-1]


@pytest.mark.servers
def test_tables_of_postgresql_are_not_served_under_the_epoch_from_before_a_restore_that_died(
    tmp_path: Path, postgres_url: str
) -> None:
    with founded(tmp_path / "home", postgres_url) as here:
        here.exchange(here.device(here.learner()))
        backup = back_up(tmp_path / "home", here.database, tmp_path).path

        def restores(home: Path) -> None:
            restore(settings_of(home, postgres_url), backup)

        scene, refused = Scene(tmp_path, tmp_path / "home", backup, tmp_path), 0
        epoch = epoch_of(here)
        for change, home in scene.deaths(Death.KILLED, restores, FEW):
            if (home / EPOCH_DUE).exists() and not (home / ".restoring" / "ready").exists():
                refused += 1
                with pytest.raises(SetupError, match="Run tiffin restore with the same file again"):
                    starts(home)
            else:
                starts(home)
                assert epoch_of(here) != epoch or change == 0, f"served as before, after change {change}"
            restores(home)
            starts(home)
            assert epoch_of(here) != epoch
            epoch = epoch_of(here)

    assert refused > 3
