"""One contract for every source of objects: a folder, S3 (moto and Swift), a memory card of one file or of many.

What keeps objects too, a folder and S3, has the second half of it.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from offline_bundles import FolderStore, ObjectSource, ObjectStore
from offline_bundles.errors import MissingObject
from offline_bundles.stores.hashing import digest_of
from tests.offline_bundles.card.cards import card_of
from tests.services.s3 import new_bucket
from tests.services.swift import ACCESS

CONTENT = bytes(range(256)) * 40
OTHER = b"another object"
ABSENT = "00" * 32
FAR_FUTURE = 4e9  # seconds since 1970
DIGEST = sha256(CONTENT).hexdigest()

Holding = Callable[..., ObjectSource]


STORES = ["folder", *(pytest.param(each, marks=pytest.mark.servers) for each in ("moto", "swift"))]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    return store_of(request, tmp_path, monkeypatch)


@pytest.fixture(params=[*STORES, "card", "card in parts"])
def holding(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Holding:
    """Makes a source that holds these objects and no others."""

    def filled(*contents: bytes) -> ObjectSource:
        if request.param.startswith("card"):
            return card_of(tmp_path, *contents, parted="parts" in request.param)
        store = store_of(request, tmp_path, monkeypatch)
        for content in contents:
            store.put(content)
        return store

    return filled


def store_of(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    if request.param == "swift":
        return new_bucket(request.getfixturevalue("swift_url"), monkeypatch, access=ACCESS)
    return new_bucket(request.getfixturevalue("s3_url"), monkeypatch)


def test_an_object_is_found_by_its_digest(holding: Holding) -> None:
    source = holding(CONTENT, OTHER)
    assert source.has(DIGEST)
    assert source.size(DIGEST) == len(CONTENT)
    assert source.read(DIGEST) == CONTENT
    assert sorted(source.digests()) == sorted([DIGEST, sha256(OTHER).hexdigest()])


def test_a_stretch_is_read_and_ends_where_the_object_ends(holding: Holding) -> None:
    source = holding(CONTENT, OTHER)
    assert source.read(DIGEST, 10, 20) == CONTENT[10:30]
    assert source.read(DIGEST, len(CONTENT) - 5, 100) == CONTENT[-5:]
    assert source.read(DIGEST, len(CONTENT), 10) == b""
    assert source.read(DIGEST, 5, 0) == b""


def test_an_object_can_be_read_from_any_place(holding: Holding) -> None:
    with holding(OTHER, CONTENT).open(DIGEST) as file:
        file.seek(100)
        assert file.read(8) == CONTENT[100:108]
        file.seek(-3, 2)
        assert file.read() == CONTENT[-3:]
        assert file.tell() == len(CONTENT)


def test_what_is_absent_is_said(holding: Holding) -> None:
    source = holding(CONTENT)
    assert not source.has(ABSENT)
    for ask in (source.size, source.read, source.open):
        with pytest.raises(MissingObject):
            ask(ABSENT)


def test_a_name_that_is_no_digest_reaches_no_file(holding: Holding) -> None:
    source = holding(CONTENT)
    for name in ("../../etc/passwd", "", "AB" * 32, "ab" * 31):
        with pytest.raises(MissingObject):
            source.read(name)


def test_an_empty_object_is_an_object(holding: Holding) -> None:
    source = holding(b"", CONTENT)
    empty = sha256(b"").hexdigest()
    assert source.size(empty) == 0
    assert source.read(empty) == b""


def test_what_was_put_is_named_by_its_digest_and_kept_once(store: ObjectStore) -> None:
    assert store.put(CONTENT) == store.put(CONTENT) == DIGEST
    assert list(store.digests()) == [DIGEST]


def test_a_file_is_kept_like_its_bytes(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    assert store.put_file(path) == DIGEST
    assert list(store.digests()) == [DIGEST]


def test_an_open_file_is_kept_from_its_start(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    with path.open("rb") as file:
        file.read(100)
        assert store.put_from(file) == DIGEST
    assert store.read(DIGEST) == CONTENT
    assert list(store.digests()) == [DIGEST]


def test_a_large_file_is_kept_and_read_in_stretches(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"".join(bytes([number]) * (1 << 20) for number in range(18)))
    digest = store.put_file(path)
    assert store.put_file(path) == digest == sha256(path.read_bytes()).hexdigest()
    assert store.read(digest, (8 << 20) - 2, 4) == bytes([7, 7, 8, 8])
    with store.open(digest) as file:
        assert digest_of(file) == digest
        file.seek(17 << 20)
        assert file.read(1) == bytes([17])


def test_what_was_not_used_since_is_collected_and_nothing_younger(store: ObjectStore) -> None:
    old, young = store.put(CONTENT), store.put(OTHER)
    since = store.last_used(young)
    assert store.collect(young, unused_since=since) == 0
    assert store.collect(old, unused_since=since + 60) == len(CONTENT)
    assert store.collect(old, unused_since=since + 60) == 0
    assert list(store.digests()) == [young]
    assert store.put(CONTENT) == old
    assert store.read(old) == CONTENT


def test_what_is_absent_can_be_neither_held_nor_collected(store: ObjectStore) -> None:
    assert not store.hold(ABSENT)
    assert store.collect(ABSENT, unused_since=FAR_FUTURE) == 0
    store.used(ABSENT, at=FAR_FUTURE)
    assert list(store.digests()) == []


def test_what_is_held_just_before_a_folders_collector_takes_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "objects")
    digest = store.put(CONTENT)
    os.utime(tmp_path / "objects" / digest[:2] / digest, (1_000, 1_000))
    rename = Path.rename

    def held_first(path: Path, target: Path) -> Path:
        if path.name == digest:
            assert store.hold(digest)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", held_first)

    assert store.collect(digest, unused_since=2_000) == 0
    assert store.read(digest) == CONTENT
