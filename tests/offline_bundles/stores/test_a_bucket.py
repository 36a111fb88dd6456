"""What only a bucket can meet: bytes that rot far away, writers who cross, servers that refuse, addresses.

`each_store` is one of moto's and one of Swift's. Swift refuses conditional writes and a forged address; moto takes
both, and lets a test set the time of an object, which no bucket does: what needs either is asked of that one alone.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from moto.s3.models import s3_backends

from offline_bundles.errors import StoreFails, TamperedObject
from offline_bundles.stores.s3 import GRAVES, PART_BYTES, S3Store, s3_client
from tests.running import REPLY_SECONDS_MAX
from tests.services.ports import free_port
from tests.services.s3 import new_bucket
from tests.services.swift import ACCESS

pytestmark = pytest.mark.servers
CONTENT = bytes(range(256)) * 40
DIGEST = sha256(CONTENT).hexdigest()
LARGE = b"slide" * (PART_BYTES // 4)
FAR_FUTURE = 4e9  # seconds since 1970
LONG_AGO = 1e9


@pytest.fixture
def store(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    return new_bucket(s3_url, monkeypatch, "a/prefix/")


@pytest.fixture
def swift_store(swift_url: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    return new_bucket(swift_url, monkeypatch, "a/prefix/", ACCESS)


@pytest.fixture(params=["store", "swift_store"])
def each_store(request: pytest.FixtureRequest) -> S3Store:
    found: S3Store = request.getfixturevalue(request.param)
    return found


def before(store: S3Store, operation: str, act: Callable[[], Any]) -> None:
    """Does something once, right before a request of this kind goes out."""
    waiting = [act]

    def once(**_: Any) -> None:
        if waiting:
            waiting.pop()()

    store.client.meta.events.register(f"before-send.s3.{operation}", once)


def other_client_of(store: S3Store) -> S3Store:
    return S3Store(s3_client(store.origin), store.bucket, store.prefix)


def make_old(store: S3Store, key: str) -> None:
    """As if it had been written in 1970: S3 lets nobody say so, and this server runs in this process."""
    s3_backends["123456789012"]["aws"].buckets[store.bucket].keys[key].last_modified = datetime.fromtimestamp(9, UTC)


def key(digest: str) -> str:
    return f"a/prefix/objects/{digest[:2]}/{digest}"


def asked(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, headers=headers, timeout=REPLY_SECONDS_MAX)


def keys(store: S3Store) -> list[str]:
    return [entry["Key"] for entry in store.client.list_objects_v2(Bucket=store.bucket).get("Contents", ())]


def unfinished(store: S3Store) -> list[Any]:
    return list(store.client.list_multipart_uploads(Bucket=store.bucket).get("Uploads", ()))


def test_everything_lies_under_its_prefix(each_store: S3Store) -> None:
    each_store.put(CONTENT)
    assert keys(each_store) == [key(DIGEST)]


def test_bytes_that_rotted_far_away_are_never_given_as_the_object(each_store: S3Store) -> None:
    digest = each_store.put_from(BytesIO(LARGE))
    each_store.client.put_object(Bucket=each_store.bucket, Key=key(digest), Body=LARGE[:-1] + b"?")
    with pytest.raises(TamperedObject):
        each_store.read(digest)
    with each_store.open(digest) as file, pytest.raises(TamperedObject):
        while file.read(1 << 20):
            pass


def test_a_file_that_changes_while_it_is_sent_is_not_kept(each_store: S3Store) -> None:
    class Changing(BytesIO):
        reads = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.reads += 1
            if self.reads == 2:
                self.getbuffer()[-1] ^= 1
            return super().seek(offset, whence)

    with pytest.raises(TamperedObject):
        each_store.put_from(Changing(LARGE))
    assert keys(each_store) == []
    assert unfinished(each_store) == []


@pytest.mark.parametrize("content", [CONTENT, LARGE])
def test_who_is_second_to_write_loses_nothing(each_store: S3Store, content: bytes) -> None:
    other = other_client_of(each_store)
    before(each_store, "PutObject" if content is CONTENT else "CompleteMultipartUpload", lambda: other.put(content))
    digest = each_store.put_from(BytesIO(content))
    assert each_store.read(digest) == content
    assert unfinished(each_store) == []


def test_a_server_without_conditional_writes_is_written_to_without(store: S3Store) -> None:
    asked: list[bool] = []

    def refuse(request: Any, **_: Any) -> None:
        asked.append("If-None-Match" in request.headers)
        if asked[-1]:
            answer = {"Error": {"Code": "NotImplemented", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 501}}
            raise ClientError(answer, "PutObject")

    store.client.meta.events.register("before-send.s3.PutObject", refuse)
    assert store.read(store.put(CONTENT)) == CONTENT
    assert asked == [True, False]


@pytest.mark.parametrize("moment", ["CopyObject", "DeleteObject"])
def test_what_is_held_while_it_is_collected_stays(store: S3Store, moment: str) -> None:
    store.put(CONTENT)
    make_old(store, key(DIGEST))
    held = list[bool]()
    before(store, moment, lambda: held.append(other_client_of(store).hold(DIGEST)))
    assert store.collect(DIGEST, unused_since=LONG_AGO) == 0
    assert held == [True]
    assert store.read(DIGEST) == CONTENT
    assert not [name for name in keys(store) if GRAVES in name]


def test_two_who_collect_at_once_free_it_once(store: S3Store) -> None:
    store.put(CONTENT)
    make_old(store, key(DIGEST))
    freed = list[int]()
    before(
        store,
        "CopyObject",
        lambda: freed.append(other_client_of(store).collect(DIGEST, unused_since=LONG_AGO)),
    )
    assert store.collect(DIGEST, unused_since=LONG_AGO) == 0
    assert freed == [len(CONTENT)]
    assert keys(store) == []


def test_what_was_read_lately_stays(store: S3Store) -> None:
    store.put(CONTENT)
    make_old(store, key(DIGEST))
    store.used(DIGEST, at=LONG_AGO)
    assert store.last_used(DIGEST) > LONG_AGO
    assert store.collect(DIGEST, unused_since=LONG_AGO) == 0
    assert list(store.digests()) == [DIGEST]


def test_what_a_power_cut_left_is_swept(each_store: S3Store) -> None:
    each_store.put(CONTENT)
    each_store.client.put_object(Bucket=each_store.bucket, Key=f"a/prefix/{GRAVES}00/{'00' * 32}.0", Body=b"")
    each_store.client.create_multipart_upload(Bucket=each_store.bucket, Key=key("00" * 32))
    each_store.sweep(unused_since=0)
    assert (len(keys(each_store)), len(unfinished(each_store))) == (2, 1)
    each_store.sweep(unused_since=FAR_FUTURE)
    assert keys(each_store) == [key(DIGEST)]
    assert unfinished(each_store) == []


def test_an_address_gives_the_object_and_ranges_of_it_to_whoever_has_it(each_store: S3Store) -> None:
    each_store.put(CONTENT)
    address = each_store.address(DIGEST, seconds=60, kind="video/mp4", cache="private, max-age=60")
    assert "X-Amz-Expires=60" in address
    whole, part = asked(address), asked(address, range="bytes=5-9")
    assert (whole.content, whole.headers["content-type"]) == (CONTENT, "video/mp4")
    assert (part.status_code, part.content) == (206, CONTENT[5:10])


def test_an_address_that_was_changed_or_is_of_another_secret_gives_nothing(
    swift_store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    swift_store.put(CONTENT)
    address = swift_store.address(DIGEST, seconds=60, kind="video/mp4", cache="private")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    forged = other_client_of(swift_store).address(DIGEST, seconds=60, kind="video/mp4", cache="private")
    for wrong in (address.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"), address.replace("mp4", "webm"), forged):
        assert asked(wrong).status_code == 403


def test_swift_knows_no_conditional_writes_and_is_written_to_without(swift_store: S3Store) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        swift_store.client.put_object(Bucket=swift_store.bucket, Key="any", Body=b"", IfNoneMatch="*")
    assert swift_store.read(swift_store.put(CONTENT)) == CONTENT


def test_a_bucket_that_is_not_there_or_does_not_answer_is_said(store: S3Store, tmp_path: Path) -> None:
    for broken in (S3Store(store.client, "no-such-bucket"), S3Store(s3_client(f"http://127.0.0.1:{free_port()}"), "b")):
        with pytest.raises(StoreFails, match="bucket"):
            broken.put(CONTENT)
    with pytest.raises(StoreFails):
        s3_client("no address")
