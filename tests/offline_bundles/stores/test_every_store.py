"""One contract for every store of objects: a folder, and S3 (moto, on a free port)."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from offline_bundles import FolderStore, ObjectStore
from offline_bundles.errors import MissingObject
from offline_bundles.stores.s3 import S3Store, s3_client
from tests.running import free_port

CONTENT = bytes(range(256)) * 40
ABSENT = "00" * 32


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port())
    server.start()
    yield f"http://127.0.0.1:{server._port}"
    server.stop()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = s3_client(request.getfixturevalue("s3_url"), "us-east-1")
    bucket = f"tiffin-{sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    client.create_bucket(Bucket=bucket)
    return S3Store(client, bucket)


def test_what_was_put_is_read_by_its_digest(store: ObjectStore) -> None:
    digest = store.put(CONTENT)
    assert digest == sha256(CONTENT).hexdigest()
    assert store.has(digest)
    assert store.size(digest) == len(CONTENT)
    assert store.read(digest) == CONTENT


def test_a_file_is_kept_like_its_bytes(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    assert store.put_file(path) == store.put(CONTENT)
    assert list(store.digests()) == [sha256(CONTENT).hexdigest()]


def test_a_stretch_is_read_and_ends_where_the_object_ends(store: ObjectStore) -> None:
    digest = store.put(CONTENT)
    assert store.read(digest, 10, 20) == CONTENT[10:30]
    assert store.read(digest, len(CONTENT) - 5, 100) == CONTENT[-5:]
    assert store.read(digest, len(CONTENT), 10) == b""
    assert store.read(digest, 5, 0) == b""


def test_an_object_can_be_read_from_any_place(store: ObjectStore) -> None:
    with store.open(store.put(CONTENT)) as file:
        file.seek(100)
        assert file.read(8) == CONTENT[100:108]


def test_what_is_absent_is_said(store: ObjectStore) -> None:
    assert not store.has(ABSENT)
    for ask in (store.size, store.read, store.open):
        with pytest.raises(MissingObject):
            ask(ABSENT)


def test_a_name_that_is_no_digest_reaches_no_file(store: ObjectStore) -> None:
    for name in ("../../etc/passwd", "", "AB" * 32, "ab" * 31):
        with pytest.raises(MissingObject):
            store.read(name)


def test_an_empty_object_is_an_object(store: ObjectStore) -> None:
    digest = store.put(b"")
    assert store.size(digest) == 0
    assert store.read(digest) == b""
