"""HTTP/2 through nginx and Caddy as docs/deploy.md has them: ranges and tags, cuts, many streams on a connection, and
what nobody outside is told."""

import asyncio
import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from offline_bundles import FolderStore
from tests.counting_proxy import CountingProxy, counting_proxy
from tests.running import REPLY_SECONDS_MAX, RunningServer, running
from tests.services.caddy import caddy
from tests.services.front import Front
from tests.services.nginx import nginx

pytestmark = pytest.mark.servers

FILM_BYTES = 3 << 20  # more than all buffers on the way
STREAMS = 60
STRETCH_BYTES = 30_000
TRIES = 10  # of one name from one address (server.access.rates)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    return FolderStore(tmp_path_factory.mktemp("home") / "objects")


@pytest.fixture(scope="module")
def server(store: FolderStore) -> Iterator[RunningServer]:
    with running(store.root.parent) as server:
        yield server


@pytest.fixture(scope="module", params=[nginx, caddy])
def front(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Front]:
    with request.param(server.home / request.param.__name__, server.port) as front:
        yield front


@pytest.fixture(scope="module")
def film(store: FolderStore) -> bytes:
    """The bytes of an object that the server has."""
    content = random.Random(20).randbytes(FILM_BYTES)
    store.put(content)
    return content


@pytest.fixture
def road(front: Front) -> Iterator[CountingProxy]:
    with counting_proxy(front.port) as road:
        yield road


def client(road: CountingProxy, front: Front) -> httpx.Client:
    return httpx.Client(base_url=f"https://localhost:{road.port}", **over_http2(front))


def over_http2(front: Front) -> dict[str, Any]:
    return {"http1": False, "http2": True, "verify": front.trust(), "timeout": REPLY_SECONDS_MAX}


def straight(front: Front) -> httpx.Client:
    origin = {"origin": front.url}
    return httpx.Client(base_url=front.url, headers=origin, verify=front.trust(), timeout=REPLY_SECONDS_MAX)


def address(film: bytes) -> str:
    return f"/v1/objects/{sha256(film).hexdigest()}"


def test_ranges_and_tags_count_as_they_do_without_a_proxy(road: CountingProxy, front: Front, film: bytes) -> None:
    with client(road, front) as phone:
        first = phone.get(address(film), headers={"range": "bytes=0-99"})
        tag = first.headers["etag"]
        rest = phone.get(address(film), headers={"range": "bytes=100-", "if-range": tag})
        other = phone.get(address(film), headers={"range": "bytes=100-199", "if-range": '"another"'})
        held = phone.get(address(film), headers={"if-none-match": tag})
        beyond = phone.get(address(film), headers={"range": f"bytes={FILM_BYTES}-"})
    assert {reply.http_version for reply in (first, rest, other, held, beyond)} == {"HTTP/2"}
    assert (first.status_code, rest.status_code, first.content + rest.content) == (206, 206, film)
    assert rest.headers["content-range"] == f"bytes 100-{FILM_BYTES - 1}/{FILM_BYTES}"
    assert (other.status_code, other.content) == (200, film)
    assert held.status_code == 304
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{FILM_BYTES}")


def test_a_text_comes_compressed_under_a_tag_of_its_own(store: FolderStore, road: CountingProxy, front: Front) -> None:
    name = store.put(b'{"lessons": []}' * 40)
    with client(road, front) as phone:
        plain = phone.get(f"/v1/objects/{name}.json", headers={"accept-encoding": "identity"})
        packed = phone.get(f"/v1/objects/{name}.json", headers={"accept-encoding": "br"})
    assert (packed.headers["content-encoding"], packed.content) == ("br", plain.content)
    assert (plain.headers["etag"], packed.headers["etag"]) == (f'"{name}"', f'"{name}-br"')


def test_what_is_cut_goes_on_at_the_byte(road: CountingProxy, front: Front, film: bytes) -> None:
    came = bytearray()
    with (
        client(road, front) as phone,
        pytest.raises(httpx.TransportError),
        phone.stream("GET", address(film)) as reply,
    ):
        tag = reply.headers["etag"]
        for chunk in reply.iter_raw():
            came += chunk
            road.cut()
    assert 0 < len(came) < FILM_BYTES
    with client(road, front) as phone:
        rest = phone.get(address(film), headers={"range": f"bytes={len(came)}-", "if-range": tag})
    assert bytes(came) + rest.content == film


def test_many_streams_share_one_connection_and_none_takes_anothers_bytes(
    road: CountingProxy, front: Front, film: bytes
) -> None:
    starts = range(0, STREAMS * STRETCH_BYTES, STRETCH_BYTES)

    async def all_at_once() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=f"https://localhost:{road.port}", **over_http2(front)) as phone:
            ranges = [{"range": f"bytes={start}-{start + STRETCH_BYTES - 1}"} for start in starts]
            return await asyncio.gather(*(phone.get(address(film), headers=each) for each in ranges))

    replies = asyncio.run(all_at_once())
    assert [reply.content for reply in replies] == [film[start : start + STRETCH_BYTES] for start in starts]
    assert road.connections == 1


def test_a_download_that_nobody_reads_holds_nothing_else_up(road: CountingProxy, front: Front, film: bytes) -> None:
    with client(road, front) as phone, phone.stream("GET", address(film)) as reply:
        assert reply.http_version == "HTTP/2"
        assert phone.get("/livez").status_code == 200
        assert b"".join(reply.iter_raw()) == film
    assert road.connections == 1


def test_what_is_counted_here_is_told_here_alone(front: Front) -> None:
    with straight(front) as anyone:
        assert anyone.get("/metrics").status_code == 404
        assert anyone.get("/livez").status_code == 200


def test_whoever_tries_passwords_is_known_by_the_address_that_she_has(front: Front) -> None:
    with straight(front) as anyone:
        tries = [
            anyone.post(
                "/v1/sign-in",
                json={"name": f"nobody {front.port}", "password": "x"},
                headers={"x-forwarded-for": f"9.9.9.{n}"},
            )
            for n in range(TRIES + 1)
        ]
    assert [one.status_code for one in tries[-2:]] == [401, 429]
    assert int(tries[-1].headers["retry-after"]) > 0
