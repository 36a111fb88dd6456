"""What no release needs is freed, and nothing else: no live release, no phone, no download, no packing loses a byte."""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlmodel import select

from offline_bundles import FolderStore, objects_of, verify_release
from offline_bundles.stores.folder import USE_NOTED_SECONDS
from server.courses import collecting
from server.courses.collecting import DAY_MS, GRACE_DAYS, Collected
from server.errors import SetupError
from server.tables import Device, DeviceContact, Release
from server.tables.ids import now_ms
from tests.offline_bundles.courses import course_folder
from tests.server.conftest import Edge
from tests.server.places import Place, opened

LONG_AGO_S = now_ms() / 1000 - 3 * GRACE_DAYS * 86_400


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Place]:
    """Three published releases, each with a sheet of its own; everything happened long ago."""
    with opened(tmp_path / "town", seed=1) as place:
        folder = course_folder(tmp_path / "course")
        for number in range(1, 4):
            (folder / "sheet.txt").write_text(f"sheet {number}")
            place.publish(folder)
        make_old(place.store)
        with place.database.writing() as session:
            for release in session.exec(select(Release)):
                release.published_ms = now_ms() - (10 - release.number) * GRACE_DAYS * DAY_MS
                session.add(release)
        yield place


def make_old(store: FolderStore) -> None:
    for digest in store.digests():
        os.utime(store.root / digest[:2] / digest, (LONG_AGO_S, LONG_AGO_S))


def collect(place: Place, *, dry_run: bool = False) -> Collected:
    with place.database.reading() as session:
        live, every = collecting.live_roots(session, now_ms()), collecting.every_root(session)
    kept = collecting.needed(place.store, live, every)
    return collecting.collect(place.store, kept, now_ms=now_ms(), dry_run=dry_run)


def has_sheet(place: Place, number: int) -> bool:
    return place.store.has(sha256(f"sheet {number}".encode()).hexdigest())


def test_media_of_old_releases_go_and_the_newest_stays_whole(town: Place) -> None:
    assert collect(town) == Collected(objects=2, bytes=2 * len("sheet 1"))
    assert [has_sheet(town, number) for number in (1, 2, 3)] == [False, False, True]
    verify_release(town.record(3), town.signer.public_key, town.store)


def test_texts_of_every_release_stay_for_attempts_that_come_home_late(town: Place) -> None:
    texts = {ref.digest for ref in objects_of(town.record(1).root, town.store) if ref.is_text}
    collect(town)
    assert all(town.store.has(digest) for digest in texts)


def test_a_dry_run_only_counts(town: Place) -> None:
    before = set(town.store.digests())
    assert collect(town, dry_run=True) == Collected(2, 2 * len("sheet 1"))
    assert set(town.store.digests()) == before


def test_what_a_phone_holds_stays(town: Place) -> None:
    with town.database.writing() as session:
        session.add(
            DeviceContact(
                device_id="d", profile=1, organisation_id=town.organisation.id, learner_id="l", releases={"small": 1}
            )
        )
    collect(town)
    assert [has_sheet(town, number) for number in (1, 2, 3)] == [True, False, True]


def test_what_only_a_revoked_phone_holds_goes(town: Place) -> None:
    here = town.organisation.id
    with town.database.writing() as session:
        session.add(Device(id="d", organisation_id=here, public_key=b"key", revoked_ms=now_ms()))
        session.add(
            DeviceContact(device_id="d", profile=1, organisation_id=here, learner_id="l", releases={"small": 1})
        )
    collect(town)
    assert not has_sheet(town, 1)


def test_what_was_replaced_within_the_grace_period_stays(town: Place) -> None:
    with town.database.writing() as session:
        newest = session.get_one(Release, (town.organisation.id, "small", 3))
        newest.published_ms = now_ms() - (GRACE_DAYS - 1) * DAY_MS
        session.add(newest)
    collect(town)
    assert [has_sheet(town, number) for number in (1, 2, 3)] == [False, True, True]


def test_what_is_packed_and_not_published_stays(town: Place, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    (folder / "sheet.txt").write_text("sheet 4")
    town.pack(folder)
    make_old(town.store)
    collect(town)
    assert has_sheet(town, 4)


def test_what_was_asked_for_lately_stays(town: Place) -> None:
    digest = sha256(b"sheet 1").hexdigest()
    town.store.used(digest, at=now_ms() / 1000)
    collect(town)
    assert [has_sheet(town, number) for number in (1, 2)] == [True, False]


def test_being_asked_again_within_a_day_writes_nothing(town: Place) -> None:
    digest = sha256(b"sheet 1").hexdigest()
    town.store.used(digest, at=LONG_AGO_S + USE_NOTED_SECONDS - 1)
    assert town.store.last_used(digest) == pytest.approx(LONG_AGO_S)


def test_a_live_release_that_lost_a_manifest_stops_everything(town: Place) -> None:
    root = town.record(3).root
    (town.store.root / root[:2] / root).unlink()
    with pytest.raises(SetupError, match="Nothing was collected"):
        collect(town)
    assert has_sheet(town, 1)


def test_what_a_power_cut_left_is_swept(town: Place) -> None:
    left = [town.store.root / ".0123456789abcdef", next(town.store.root.glob("??")) / f".collected-{'ab' * 32}"]
    for path in left:
        path.write_bytes(b"half")
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
    collect(town)
    assert not any(path.exists() for path in left)


def test_a_download_under_way_ends_whole(edge: Edge) -> None:
    """The object is collected between two chunks that a phone reads."""
    store = FolderStore(edge.server.home / "objects")
    content = os.urandom(8 << 20)
    digest = store.put(content)
    with edge.client() as client, client.stream("GET", f"/v1/objects/{digest}") as reply:
        chunks = reply.iter_bytes()
        came = next(chunks)
        os.utime(store.root / digest[:2] / digest, (LONG_AGO_S, LONG_AGO_S))
        assert collecting.collect(store, frozenset(), now_ms=now_ms(), dry_run=False, grace_days=60).bytes == len(
            content
        )
        came += b"".join(chunks)
    assert came == content


def test_a_download_that_goes_on_by_ranges_finds_its_object_again(edge: Edge) -> None:
    store = FolderStore(edge.server.home / "objects")
    digest = store.put(b"a long lecture" * 1_000)
    os.utime(store.root / digest[:2] / digest, (LONG_AGO_S, LONG_AGO_S))
    with edge.client() as client:
        first = client.get(f"/v1/objects/{digest}", headers={"range": "bytes=0-99"})
        collecting.collect(store, frozenset(), now_ms=now_ms(), dry_run=False)
        second = client.get(f"/v1/objects/{digest}", headers={"range": "bytes=100-"})
    assert first.content + second.content == b"a long lecture" * 1_000


def test_what_is_put_while_others_collect_is_there_afterwards(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    digest = store.put(b"content")
    path, over = store.root / digest[:2] / digest, Event()

    def collect_always() -> None:
        while not over.is_set():
            store.collect(digest, unused_since=LONG_AGO_S + 1)

    collector = Thread(target=collect_always)
    collector.start()
    try:
        for _ in range(300):
            make_old_quietly(path)
            store.put(b"content")
            assert store.read(digest) == b"content"
    finally:
        over.set()
        collector.join()


def make_old_quietly(path: Path) -> None:
    with suppress(FileNotFoundError):  # collected meanwhile
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))
