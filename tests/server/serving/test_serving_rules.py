"""What a cache, a proxy or a CDN between us and a phone goes by: the same from a folder and from a bucket."""

import gzip
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import httpx
import pytest

from offline_bundles import FolderStore, ObjectStore
from tests.running import REPLY_SECONDS_MAX, RunningServer, running
from tests.services.s3 import ACCESS, new_bucket

pytestmark = pytest.mark.servers
VIDEO = bytes(range(256)) * 4000
TEXT = b"WEBVTT\n\n00:00.000 --> 00:04.000\nBoil the water first.\n" * 200
VIDEO_NAME, TEXT_NAME = sha256(VIDEO).hexdigest(), sha256(TEXT).hexdigest()
VIDEO_PATH, TEXT_PATH = f"/v1/objects/{VIDEO_NAME}.mp4", f"/v1/objects/{TEXT_NAME}.vtt"
PLAIN = {"accept-encoding": "identity"}


@dataclass
class Place:
    server: RunningServer
    store: ObjectStore

    def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.server.client() as client:
            return client.get(path, headers=PLAIN | named)


def in_bucket(url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[ObjectStore, dict[str, str]]:
    store = new_bucket(url, monkeypatch, "tiffin/")
    return store, {"TIFFIN_OBJECTS_URL": f"s3://{store.bucket}/tiffin", "TIFFIN_OBJECTS_ENDPOINT": url, **ACCESS}


@pytest.fixture(scope="module", params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        store: ObjectStore = FolderStore(home / "objects")
        environment: dict[str, str] = {}
        if request.param == "s3":
            store, environment = in_bucket(request.getfixturevalue("s3_url"), patched)
        for content in (VIDEO, TEXT, b""):
            store.put(content)
        with running(home, **environment) as server:
            yield Place(server, store)


def test_an_address_may_be_kept_for_ever_by_anyone(place: Place) -> None:
    reply = place.get(VIDEO_PATH)
    assert reply.content == VIDEO
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["etag"] == f'"{VIDEO_NAME}"'
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["content-length"] == str(len(VIDEO))
    assert "vary" not in reply.headers, "media is the same for everyone"
    assert "set-cookie" not in reply.headers


def test_what_is_missing_is_kept_by_nobody(place: Place) -> None:
    reply = place.get(f"/v1/objects/{'0' * 64}.mp4")
    assert (reply.status_code, reply.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=300000-600000", 300000, 600001),
        ("bytes=1000000-", 1000000, len(VIDEO)),
        ("bytes=1000000-99999999", 1000000, len(VIDEO)),
        ("bytes=-24", len(VIDEO) - 24, len(VIDEO)),
        ("bytes=-99999999", 0, len(VIDEO)),
    ],
)
def test_a_range_is_given_exactly(place: Place, asked: str, start: int, end: int) -> None:
    reply = place.get(VIDEO_PATH, range=asked)
    assert (reply.status_code, reply.content) == (206, VIDEO[start:end])
    assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"
    assert reply.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={len(VIDEO)}-", "bytes=-0", "bytes=99999999-99999999"])
def test_a_range_outside_says_the_size(place: Place, asked: str) -> None:
    reply = place.get(VIDEO_PATH, range=asked)
    assert (reply.status_code, reply.headers["content-range"]) == (416, f"bytes */{len(VIDEO)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "bytes=9-5", "bytes=-", "bytes=a-b", "lines=1-2", "bytes 0-1", ""])
def test_several_ranges_or_none_that_is_one_give_the_whole(place: Place, asked: str) -> None:
    reply = place.get(VIDEO_PATH, range=asked)
    assert (reply.status_code, reply.content) == (200, VIDEO)
    assert "content-range" not in reply.headers


@pytest.mark.parametrize(
    ("begun", "status"),
    [
        (f'"{VIDEO_NAME}"', 206),
        (f'W/"{VIDEO_NAME}"', 200),
        (f'"{TEXT_NAME}"', 200),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 200),
    ],
)
def test_a_download_goes_on_only_with_the_bytes_it_began(place: Place, begun: str, status: int) -> None:
    reply = place.get(VIDEO_PATH, range="bytes=5-9", if_range=begun)
    assert (reply.status_code, reply.content) == (status, VIDEO[5:10] if status == 206 else VIDEO)


@pytest.mark.parametrize("held", ['"{0}"', 'W/"{0}"', '"other", "{0}"', "*", '"{0}-br"'])
def test_what_the_caller_has_is_not_sent_again(place: Place, held: str) -> None:
    for path, name in ((VIDEO_PATH, VIDEO_NAME), (TEXT_PATH, TEXT_NAME)):
        reply = place.get(path, if_none_match=held.format(name), range="bytes=5-9")
        assert (reply.status_code, reply.content) == (304, b"")
        assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("held", ['"other"', VIDEO_NAME, f'"{VIDEO_NAME}x"', '"'])
def test_what_the_caller_has_not_is_sent(place: Place, held: str) -> None:
    assert place.get(VIDEO_PATH, if_none_match=held).status_code == 200


def test_texts_come_compressed_each_form_under_a_tag_of_its_own(place: Place) -> None:
    tags = set()
    for taken, sent in (("br, gzip", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)):
        reply = place.get(TEXT_PATH, accept_encoding=taken)
        assert reply.headers.get("content-encoding") == sent
        assert reply.headers["vary"] == "Accept-Encoding"
        assert reply.content == TEXT
        tags.add(reply.headers["etag"])
    assert len(tags) == 3


def test_the_bytes_on_the_wire_are_the_compressed_ones(place: Place) -> None:
    for encoding, opened in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        asked = {"accept-encoding": encoding}
        with place.server.client() as client, client.stream("GET", TEXT_PATH, headers=asked) as reply:
            raw = b"".join(reply.iter_raw())
        assert len(raw) < len(TEXT) / 10
        assert opened(raw) == TEXT


def test_a_range_of_a_text_is_of_the_text_itself(place: Place) -> None:
    reply = place.get(TEXT_PATH, accept_encoding="br", range="bytes=0-5")
    assert (reply.status_code, reply.content) == (206, b"WEBVTT")
    assert "content-encoding" not in reply.headers
    assert reply.headers["vary"] == "Accept-Encoding"


def test_media_is_never_compressed(place: Place) -> None:
    assert "content-encoding" not in place.get(VIDEO_PATH, accept_encoding="br, gzip").headers


def test_asking_for_the_head_says_what_the_whole_would_be(place: Place) -> None:
    for path in (VIDEO_PATH, TEXT_PATH):
        whole = place.get(path)
        with place.server.client() as client:
            head = client.head(path, headers=PLAIN | {"range": "bytes=0-4"})
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "etag", "content-type", "cache-control"):
            assert head.headers[name] == whole.headers[name]


def test_an_empty_object_is_given_whole(place: Place) -> None:
    path = f"/v1/objects/{sha256(b'').hexdigest()}"
    assert (place.get(path).status_code, place.get(path).content) == (200, b"")
    assert place.get(path, range="bytes=0-").status_code == 416


def test_curl_resumes_a_download_that_broke(place: Place, tmp_path: Path) -> None:
    begun = tmp_path / "video.mp4"
    begun.write_bytes(VIDEO[:123_456])
    subprocess.run(["curl", "-sSf", "-C", "-", "-o", begun, place.server.url + VIDEO_PATH], check=True)
    assert begun.read_bytes() == VIDEO


@pytest.fixture
def sent_on(s3_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A server that sends phones to the bucket."""
    store, environment = in_bucket(s3_url, monkeypatch)
    for content in (VIDEO, TEXT):
        store.put(content)
    with running(tmp_path / "home", **environment, TIFFIN_OBJECTS_REDIRECT="true") as server:
        yield Place(server, store)


def test_a_phone_may_be_sent_to_the_bucket_for_media_and_ranges_of_it(sent_on: Place, s3_url: str) -> None:
    reply = sent_on.get(VIDEO_PATH, range="bytes=5-9")
    assert (reply.status_code, reply.content) == (307, b"")
    assert reply.headers["cache-control"] == "private, max-age=1800"
    assert "X-Amz-Signature" in reply.headers["location"]
    with httpx.Client(follow_redirects=True, headers=PLAIN, timeout=REPLY_SECONDS_MAX) as client:
        part = client.get(sent_on.server.url + VIDEO_PATH, headers={"range": "bytes=5-9"})
        whole = client.get(sent_on.server.url + VIDEO_PATH)
    assert (part.status_code, part.content) == (206, VIDEO[5:10])
    assert (whole.content, whole.headers["content-type"]) == (VIDEO, "video/mp4")
    assert urlsplit(str(whole.url)).netloc == urlsplit(s3_url).netloc


def test_small_texts_are_given_here_and_pages_may_reach_the_bucket(sent_on: Place, s3_url: str) -> None:
    assert (sent_on.get(TEXT_PATH).status_code, sent_on.get(TEXT_PATH).content) == (200, TEXT)
    policy = sent_on.get("/").headers["content-security-policy"]
    for what in ("connect-src", "img-src", "media-src"):
        assert f"{what} 'self' " in policy
    assert policy.count(s3_url) == 3
    assert f"script-src 'self' {s3_url}" not in policy


def test_bytes_that_rotted_in_the_bucket_never_arrive_whole(sent_on: Place) -> None:
    key = f"tiffin/objects/{TEXT_NAME[:2]}/{TEXT_NAME}"
    sent_on.store.client.put_object(Bucket=sent_on.store.bucket, Key=key, Body=TEXT[:-1] + b"?")  # type: ignore[attr-defined]
    assert sent_on.get(TEXT_PATH).status_code == 500
    with pytest.raises(httpx.RemoteProtocolError):
        sent_on.get(f"/v1/objects/{TEXT_NAME}")
