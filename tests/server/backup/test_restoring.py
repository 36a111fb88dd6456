"""A restored server and its phones: everything comes home again; nothing is lost, nothing counts twice."""

from pathlib import Path

import pytest

from offline_bundles import FolderStore
from server.backup import back_up, restore
from server.backup.archive import check, opened
from server.backup.home import in_use
from server.errors import SetupError
from server.tables import Attempt, LogEntry, Parked, Quarantined, ServerState, Survivor
from sync.wire import FrameKind
from tests.server.backup.homes import OBJECTS, a_day, founded, reopened, settings_of
from tests.server.school import School

EVENTS = int(FrameKind.EVENTS)  # batches may be cut anew when they are offered again; each row counts once


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def meaning(here: School) -> list[object]:
    """What the server makes of all that came, without the order and the day in which it came."""
    here.settle()
    return [
        sorted((row.learner_id, row.hash) for row in here.rows(LogEntry) if row.device_id and row.kind != EVENTS),
        sorted((row.learner_id, row.hash, row.state.value, row.score, row.counts) for row in here.rows(Attempt)),
        sorted((row.learner_id, row.kind, row.key, row.counter, row.value) for row in here.rows(Survivor)),
        [(day["day"], day["verb"], day["events"]) for day in here.service.analytics.daily(here.organisation.id)],
    ]


def epoch_of(here: School) -> bytes:
    return next(row.value for row in here.rows(ServerState) if row.name == "epoch")


def test_a_restored_server_is_brought_again_all_that_came_after_the_backup(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        phones = [here.device(here.learner(name)) for name in ("Amina", "Grace")]
        for phone in phones:
            a_day(phone, 1)
            here.exchange(phone)
        here.settle()
        backup = back_up(home, here.database, tmp_path).path
        for phone in phones:
            a_day(phone, 2)
            here.exchange(phone)
        before, old_epoch = meaning(here), epoch_of(here)
        grades = [phone.grades[-1] for phone in phones]

    done = restore(settings_of(home), backup)
    with reopened(here, home):
        assert len(here.rows(Attempt)) == 2, "the second day is not in the backup"
        for phone in (*phones, *phones):
            here.exchange(phone)

        assert meaning(here) == before
        assert epoch_of(here).hex() == done.epoch != old_epoch.hex()
        assert [phone.grades[-1] for phone in phones] == grades
        assert all(phone.outbox.is_empty for phone in phones)
        assert (here.rows(Parked), here.rows(Quarantined)) == ([], [])


def test_what_was_replaced_is_kept_and_can_be_served_again(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        phone = here.device(here.learner())
        here.exchange(phone)
        backup = back_up(home, here.database, tmp_path).path
        a_day(phone, 1)
        here.exchange(phone)
    first = restore(settings_of(home), backup)
    assert first.replaced == home / "replaced-1"
    assert restore(settings_of(home), backup).replaced == home / "replaced-2"
    for name in ("tiffin.db", "keys", "analytics"):
        assert (home / "replaced-1" / name).exists()


def test_a_new_machine_is_restored_whole(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        phone = here.device(here.learner())
        a_day(phone, 1)
        here.exchange(phone)
        before = meaning(here)
        backup = back_up(home, here.database, tmp_path).path
    elsewhere = tmp_path / "another" / "home"
    done = restore(settings_of(elsewhere), backup)
    assert (done.replaced, done.missing) == (None, ())
    with reopened(here, elsewhere):
        assert meaning(here) == before
    assert sorted(map(FolderStore(elsewhere / "objects").read, FolderStore(elsewhere / "objects").digests())) == sorted(
        OBJECTS
    )
    assert tree(elsewhere / "keys") == tree(home / "keys")
    assert (elsewhere / "keys" / "join.key").stat().st_mode & 0o077 == 0, "keys are their owner's alone"


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_state_gives_the_same_file_under_the_same_name(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with founded(home) as here:
        phone = here.device(here.learner())
        a_day(phone, 1)
        here.exchange(phone)
        here.settle()
        one = back_up(home, here.database, tmp_path / "a")
        other = back_up(home, here.database, tmp_path / "b")
        assert one.path.name == other.path.name
        assert one.path.name.startswith(f"tiffin-{epoch_of(here).hex()}-{one.manifest.position:012d}-")
        assert one.path.read_bytes() == other.path.read_bytes()
        assert one.path.stat().st_mode & 0o077 == 0, "it holds the keys"
        with pytest.raises(SetupError, match="never overwritten"):
            back_up(home, here.database, one.path)
        assert back_up(home, here.database, tmp_path / "a") == one, "every night, and nothing happened since"
        assert [path.name for path in (tmp_path / "a").iterdir()] == [one.path.name], "nothing stays beside it"
        here.learner()
        named = back_up(home, here.database, tmp_path / "a")
    assert named.manifest.position == one.manifest.position, "of a new learner the log knows nothing"
    assert {path.name for path in (tmp_path / "a").iterdir()} == {one.path.name, named.path.name}


def test_a_damaged_or_cut_backup_is_refused_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        here.exchange(here.device(here.learner()))
        backup = back_up(home, here.database, tmp_path).path
    whole, bad = backup.read_bytes(), tmp_path / "bad.tar"
    with opened(backup) as archive:
        names = list(archive.manifest.files)
    before = tree(home)
    for place in damaged_places(whole, names):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SetupError, match="no whole backup"):
            restore(settings_of(home), bad)
    for cut in (0, 100, 512, 3_000, len(whole) // 2, len(whole) - 10_240 - 512):
        bad.write_bytes(whole[:cut])
        with pytest.raises(SetupError, match="no whole backup"):
            restore(settings_of(home), bad)
    assert tree(home) == before


def damaged_places(whole: bytes, names: list[str]) -> list[int]:
    """One place in the bytes of each file: a tar's member begins with a header of 512 bytes that holds its name."""
    return [whole.index(name.encode() + b"\0") + 512 + 3 for name in names if name != "manifest.json"]


def test_a_home_that_is_served_is_not_restored(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        here.exchange(here.device(here.learner()))
        backup = back_up(home, here.database, tmp_path).path
        with pytest.raises(SetupError, match="Stop the server"):
            restore(settings_of(home), backup)
    restore(settings_of(home), backup)


def test_several_use_a_home_together(home: Path) -> None:
    home.mkdir()
    with in_use(home), in_use(home):
        pass


def test_a_damaged_object_is_mended_and_one_that_came_later_stays(home: Path, tmp_path: Path) -> None:
    store = FolderStore(home / "objects")
    with founded(home) as here:
        backup = back_up(home, here.database, tmp_path).path
    newer = store.put(b"of a release that came after the backup")
    first = next(store.digests())
    (home / "objects" / first[:2] / first).write_bytes(b"rotten")
    restore(settings_of(home), backup)
    assert {store.read(digest) for digest in store.digests()} == {*OBJECTS, store.read(newer)}


def test_an_object_that_is_damaged_here_keeps_nobody_from_backing_up_the_rest(home: Path, tmp_path: Path) -> None:
    store = FolderStore(home / "objects")
    with founded(home) as here:
        bad, good = sorted(store.digests())
        (home / "objects" / bad[:2] / bad).write_bytes(b"rotten")
        done = back_up(home, here.database, tmp_path)
    assert done.findings.objects == (bad,)
    restored = restore(settings_of(tmp_path / "elsewhere"), done.path)
    assert restored.missing == (bad,)
    assert list(FolderStore(tmp_path / "elsewhere" / "objects").digests()) == [good]


def test_objects_that_are_only_listed_are_named_when_they_are_missing(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        backup = back_up(home, here.database, tmp_path, objects=False).path
    assert not any(name.startswith("objects/") for name in check(backup).files)
    done = restore(settings_of(tmp_path / "elsewhere"), backup)
    assert sorted(done.missing) == sorted(FolderStore(home / "objects").digests())
    assert restore(settings_of(home), backup).missing == ()


def test_a_backup_of_a_newer_version_or_of_another_engine_is_refused(home: Path, tmp_path: Path) -> None:
    with founded(home) as here:
        backup = back_up(home, here.database, tmp_path).path
    newer = tmp_path / "newer.tar"
    schema = check(backup).schema.encode()
    newer.write_bytes(backup.read_bytes().replace(b'"schema":"' + schema, b'"schema":"' + b"9" * len(schema)))
    with pytest.raises(SetupError, match="newer version"):
        restore(settings_of(home), newer)
    with pytest.raises(SetupError, match="made beside sqlite"):
        restore(settings_of(home, "postgresql://nobody@127.0.0.1:1/none"), backup)


@pytest.mark.servers
def test_beside_postgresql_the_file_holds_all_but_the_tables(home: Path, tmp_path: Path, postgres_url: str) -> None:
    with founded(home, postgres_url) as here:
        phone = here.device(here.learner())
        a_day(phone, 1)
        here.exchange(phone)
        before, old_epoch = meaning(here), epoch_of(here)
        done = back_up(home, here.database, tmp_path)
    assert done.manifest.database == "postgresql"
    assert "tiffin.db" not in done.manifest.files
    assert "keys/join.key" in done.manifest.files

    restored = restore(settings_of(home, postgres_url), done.path)
    with reopened(here, home, postgres_url):
        assert epoch_of(here).hex() == restored.epoch != old_epoch.hex()
        here.exchange(phone)
        here.exchange(phone)
        assert meaning(here) == before
