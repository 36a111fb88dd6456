"""A classroom without a network: phones meet a hub, the hub meets its upstream."""

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from offline_bundles import ReleaseRecord, objects_of, verify_release
from offline_bundles.errors import BadSignature, TamperedObject
from server.composition import open_database, open_keys, open_objects, open_outlines, open_readying
from server.courses import releases
from server.courses.release_keys import ReleaseKeys
from server.hubs.asking.releases import Shelf
from server.hubs.asking.upstream import UpstreamServer
from server.settings import Settings
from server.tables import Organisation, Release
from sync.client import Replica
from sync.client.transport import join
from sync.errors import RequestRefused
from sync.identity import DeviceKey
from sync.limits import PIECE_BYTES_MAX
from sync.pictures import Piece, piece_of
from sync.submissions import Submission
from tests.running import RunningServer, until
from tests.server.clock import now_ms
from tests.server.hubs.conftest import Pair, exchange_at, phone_at, study
from tests.server.places import Place, opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hubs")]


def test_work_goes_up_and_its_grade_comes_down(pair: Pair) -> None:
    code = pair.code("Amina")
    pair.sync()
    phone = phone_at(pair.hub, code)
    study(phone)
    exchange_at(pair.hub, phone)

    said = pair.sync()
    exchange_at(pair.hub, phone)

    assert (said.joins, said.refused) == (1, {})
    assert phone.outbox.is_empty
    assert [grade["state"] for grade in phone.grades] == ["graded"]
    assert phone.releases["small"]["number"] == 1
    assert "Waiting: 0" in pair.hub.command("hub", "status")


def test_a_photograph_goes_up_behind_the_attempt_that_names_it(pair: Pair) -> None:
    written = io.BytesIO()
    Image.effect_noise((300, 300), 60).convert("RGB").save(written, "PNG")
    picture = written.getvalue()
    code = pair.code("Miriam")
    pair.sync()
    phone = phone_at(pair.hub, code)
    answers = {"q1": sha256(picture).hexdigest()}
    phone.submit(Submission("small", "exam", 1, 1, now_ms() // 1000 - 60, now_ms() // 1000, answers))
    exchange_at(pair.hub, phone)
    for at in range(0, len(picture), PIECE_BYTES_MAX):
        told = brought(pair.hub, piece_of(phone.key, phone.profile, picture, at))
    assert told == {"held": len(picture), "state": "kept"}

    assert pair.sync().pictures == 1

    asked = replace(piece_of(phone.key, phone.profile, picture, 0), content=b"")
    assert brought(pair.upstream, asked) == told
    assert pair.sync().pictures == 0


def brought(server: RunningServer, piece: Piece) -> Any:
    with server.client() as client:
        return client.post("/v1/pictures", content=piece.write()).raise_for_status().json()


def test_a_phone_goes_straight_then_to_the_hub_then_straight_and_nothing_is_doubled(pair: Pair) -> None:
    phone = phone_at(pair.upstream, pair.code("Grace"))
    study(phone, 1)
    exchange_at(pair.upstream, phone)
    pair.sync()

    study(phone, 2)
    exchange_at(pair.hub, phone)
    pair.sync()
    study(phone, 3)
    for _ in range(2):
        exchange_at(pair.upstream, phone)

    assert phone.outbox.is_empty
    assert sorted({grade["number"] for grade in phone.grades}) == [1, 2, 3]
    assert len({grade["submission"] for grade in phone.grades}) == 3


def test_what_the_hub_serves_is_byte_for_byte_what_the_upstream_published(pair: Pair) -> None:
    phone = phone_at(pair.hub, pair_code(pair, "Ruth"))
    root = phone.releases["small"]["root"]

    with pair.hub.client() as hub, pair.upstream.client() as upstream:
        for path in (f"/v1/objects/{root}", f"/v1/releases/{root}"):
            here, there = (client.get(path).raise_for_status() for client in (hub, upstream))
            assert here.content == there.content


@dataclass(frozen=True)
class Shelving:
    """A hub that has fetched nothing yet, and the release that it is to have, signed with `key`."""

    here: Place
    shelf: Shelf
    record: ReleaseRecord
    key: bytes
    digests: list[str]

    def take(self, record: ReleaseRecord, client: httpx.Client) -> bool:
        upstream = UpstreamServer(client, DeviceKey.generate())
        return self.shelf.take(self.here.organisation.id, record, upstream, lambda _: None)


@pytest.fixture
def shelving(pair: Pair, tmp_path: Path) -> Iterator[Shelving]:
    there = Settings(home=pair.upstream.home)
    with open_database(there) as database, database.reading() as session:
        record = releases.record(session.exec(select(Release)).one())
        key = ReleaseKeys(open_keys(there), session.exec(select(Organisation)).one().id).signer.public_key
    digests = [ref.digest for ref in objects_of(record.root, open_objects(there))]
    with opened(tmp_path / "hub", seed=3) as here:
        keys = open_keys(here.settings)
        keys.trust(here.organisation.id, key)
        readying = open_readying(here.settings, here.database)
        shelf = Shelf(here.database, here.store, readying, open_outlines(here.settings), keys)
        yield Shelving(here, shelf, record, key, digests)


def test_what_the_hubs_disk_damaged_is_fetched_again(pair: Pair, shelving: Shelving) -> None:
    for digest in shelving.digests:
        place = shelving.here.settings.home / "objects" / digest[:2] / digest
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"what a disk made of it")

    with httpx.Client(base_url=pair.upstream.url) as client:
        assert shelving.take(shelving.record, client)

    assert verify_release(shelving.record, shelving.key, shelving.here.store) == len(shelving.digests)


class Altering(httpx.HTTPTransport):
    """A line that changes the last byte of one object."""

    def __init__(self, digest: str) -> None:
        super().__init__()
        self._digest = digest

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = super().handle_request(request)
        if self._digest not in request.url.path:
            return reply
        content = reply.read()
        return httpx.Response(reply.status_code, content=content[:-1] + bytes([content[-1] ^ 1]))


def test_what_was_altered_on_its_way_is_not_taken(pair: Pair, shelving: Shelving) -> None:
    for digest in (shelving.record.root, shelving.digests[-1]):
        client = httpx.Client(base_url=pair.upstream.url, transport=Altering(digest))
        with client, pytest.raises(TamperedObject, match=digest[:12]):
            shelving.take(shelving.record, client)
        assert not shelving.here.store.has(digest)

    said_otherwise = replace(shelving.record, number=7)
    with httpx.Client(base_url=pair.upstream.url) as client, pytest.raises(BadSignature, match="says other things"):
        shelving.take(said_otherwise, client)
    with shelving.here.database.reading() as session:
        assert session.exec(select(Release)).all() == []


def test_an_altered_copy_is_not_taken_is_seen_and_is_asked_for_again(pair: Pair) -> None:
    phone = phone_at(pair.hub, pair_code(pair, "Esther"))
    pair.sync()
    study(phone)
    exchange_at(pair.hub, phone)
    spoil_cargo(pair)

    before = phone.epoch
    said = pair.sync()
    until(lambda: has_begun_anew(pair.hub, phone, before))
    exchange_at(pair.hub, phone)
    pair.sync()
    exchange_at(pair.hub, phone)

    assert said.refused == {"bad_signature": 1}
    with pair.administrator() as client:
        told = client.get("/v1/hubs").raise_for_status().json()
        metrics = client.get("/metrics").text
    assert [(one["hub"], one["device"], one["reason"]) for one in told["incidents"]] == [
        ("Grace's laptop", phone.key.device.hex(), "bad_signature")
    ]
    assert told["items"][0]["incidents"] == 1
    assert 'tiffin_hub_incidents_total{hub="Grace\'s laptop"' in metrics
    assert [grade["state"] for grade in phone.grades] == ["graded"]


def has_begun_anew(hub: RunningServer, phone: Replica, before: bytes) -> bool:
    exchange_at(hub, phone)
    return phone.epoch != before


def spoil_cargo(pair: Pair) -> None:
    """A bit of the last byte, as a failing disk or a busy hand leaves it."""
    with closing(sqlite3.connect(pair.hub.home / "tiffin.db")) as connection, connection:
        place, body = connection.execute("select id, body from cargo order by id desc limit 1").fetchone()
        at = 10  # within the signature
        spoilt = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
        connection.execute("update cargo set body = ? where id = ?", (spoilt, place))


def test_a_code_that_is_wrong_opens_no_hub(pair: Pair) -> None:
    with pair.hub.client() as client, pytest.raises(RequestRefused, match="No learner has this code"):
        join(client, "0000-0000", "a phone")


def test_only_a_hub_that_has_joined_is_answered(pair: Pair) -> None:
    headers = {"tiffin-hub": "somebody", "tiffin-signature": "00" * 64}
    with pair.upstream.client() as client:
        for path, body in (("registry", {"have": {}}), ("cargo", {}), ("joins", {"joins": []})):
            answer = client.post(f"/v1/hub/{path}", content=json.dumps(body), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "device_unknown")


def pair_code(pair: Pair, name: str) -> str:
    """A code that the hub has heard of."""
    code = pair.code(name)
    pair.sync()
    return code
