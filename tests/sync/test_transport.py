"""What the reference client takes of whoever answers: so much, for so long, and nothing that is packed."""

import gzip
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from sync.client import join
from sync.client.transport import ANSWER_SECONDS_MAX, JSON_BYTES_MAX, TIMEOUT_SECONDS, WAIT_SECONDS, post
from sync.errors import Busy, Malformed, RequestRefused, TooLarge, UnknownDevice
from sync.limits import REPLY_READ_BYTES_MAX

CHUNK = bytes(16 << 10)


class Endless(httpx.SyncByteStream):
    """An answer without an end, which counts what of it was taken."""

    def __init__(self) -> None:
        self.taken = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.taken += len(CHUNK)
            yield CHUNK

    def close(self) -> None:
        self.is_closed = True


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer), base_url="http://school.test")


def saying(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Client:
    return answering(lambda _: httpx.Response(status, headers=headers, stream=httpx.ByteStream(body)))


@pytest.mark.parametrize(("status", "most"), [(200, REPLY_READ_BYTES_MAX), (500, JSON_BYTES_MAX)])
def test_of_an_endless_answer_no_more_is_read_than_one_may_have(status: int, most: int) -> None:
    endless = Endless()
    with pytest.raises(TooLarge, match=str(most)):
        post(answering(lambda _: httpx.Response(status, stream=endless)), b"a request")
    assert most < endless.taken <= most + len(CHUNK)
    assert endless.is_closed


def test_nor_of_an_endless_answer_to_a_code() -> None:
    endless = Endless()
    with pytest.raises(TooLarge):
        join(answering(lambda _: httpx.Response(201, stream=endless)), "K7QM-2XHP", "a phone")
    assert endless.taken <= JSON_BYTES_MAX + len(CHUNK)


def test_an_answer_of_the_largest_size_is_taken_whole() -> None:
    largest = bytes(REPLY_READ_BYTES_MAX)
    assert post(saying(200, largest), b"a request") == largest


def test_what_comes_packed_is_not_unpacked() -> None:
    packed = gzip.compress(bytes(REPLY_READ_BYTES_MAX * 8))
    assert post(saying(200, packed, {"content-encoding": "gzip"}), b"a request") == packed


def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def dripping() -> Iterator[bytes]:
        while now[0] < ANSWER_SECONDS_MAX * 10:
            now[0] += TIMEOUT_SECONDS * 0.9
            yield b"."

    with pytest.raises(httpx.ReadTimeout):
        post(answering(lambda _: httpx.Response(200, content=dripping())), b"a request")
    assert now[0] < ANSWER_SECONDS_MAX * 2


@pytest.mark.parametrize(
    "told", [b"", b"[1]", b"{", b'{"profile": null}', b'{"profile": "first"}', b"[" * JSON_BYTES_MAX]
)
def test_an_answer_to_a_code_that_is_none_is_refused_in_words(told: bytes) -> None:
    with pytest.raises(Malformed, match="no Tiffin server"):
        join(saying(201, told), "K7QM-2XHP", "a phone")


def test_a_refusal_is_the_error_that_its_code_says() -> None:
    with pytest.raises(UnknownDevice, match="Join with a code"):
        post(saying(401, b'{"code": "device_unknown", "detail": "Join with a code."}'), b"a request")
    with pytest.raises(RequestRefused, match="answered 502"):
        post(saying(502, b"<html>"), b"a request")


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7), ("soon", WAIT_SECONDS), ("9" * 5_000, WAIT_SECONDS), ("-1", WAIT_SECONDS)]
)
def test_a_busy_server_is_waited_for_as_long_as_it_says_in_reason(said: str, waited: int) -> None:
    with pytest.raises(Busy) as busy:
        post(saying(429, headers={"retry-after": said}), b"a request")
    assert busy.value.wait_seconds == waited
