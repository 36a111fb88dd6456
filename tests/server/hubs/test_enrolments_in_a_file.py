"""Whom a hub enrolled comes home in a file, where the laptop itself does not."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from server.database import Database
from server.errors import SetupError
from server.hubs import filed
from server.hubs.answering.enrolling import revoke
from server.hubs.answering.filed import Filing, TakenIn
from server.people.inviting import new_code
from server.people.joining import Joining
from server.shapes.hubs import CarriedAdditions
from server.tables import Hub, Learner
from sync.identity import DeviceKey
from tests.server.hubs.conftest import Pair, exchange_at, phone_at, study
from tests.server.hubs.test_adding import Upstream, code_of, enrolment, learner

KEY = DeviceKey.generate()


@pytest.mark.xdist_group("hubs")
@pytest.mark.slow
def test_a_learner_of_a_hub_that_burnt_goes_on_at_the_main_server_with_all_that_she_did(
    pair: Pair, tmp_path: Path
) -> None:
    pair.sync()  # what other tests left behind
    code = pair.hub.command("learner", "add", "Salma", "--course", "small").partition("the code ")[2].split(",")[0]
    phone = phone_at(pair.hub, code)
    study(phone)
    exchange_at(pair.hub, phone)
    pair.hub.command("hub", "save", str(tmp_path / "salma"))

    said = pair.upstream.command("hub", "take", str(tmp_path / "salma"))
    for _ in range(2):
        exchange_at(pair.upstream, phone)
    pair.sync()  # the laptop was found after all

    assert "Enrolments and codes that are here now: 3. Phones that joined: 1." in said
    assert "Not taken" not in said
    assert phone.outbox.is_empty
    assert [grade["state"] for grade in phone.grades] == ["graded"]
    with pair.administrator() as client:
        assert client.get("/v1/learners?search=salma").raise_for_status().json()["total"] == 1


@pytest.fixture
def above(database: Database, tmp_path: Path) -> Upstream:
    """The first of its hubs has this key, and the second has not joined."""
    made = Upstream(database, tmp_path)
    with database.writing() as session:
        session.get_one(Hub, made.hubs[0].id).public_key = KEY.public_key
    return made


def file_of(
    above: Upstream, *additions: dict[str, Any], path: str = filed.ADDITIONS, key: DeviceKey = KEY, hub: int = 0
) -> bytes:
    body = CarriedAdditions(additions=list(additions)).model_dump_json().encode()
    return filed.write(above.hubs[hub].id, key, [(path, body)])


def taken(above: Upstream, raw: bytes, *, is_vouched: bool = False) -> TakenIn:
    joining: Any = Joining(above.inviting, above.keys, "", lambda: b"")
    nothing_published: Any = None
    return Filing(above.database, joining, nothing_published, above.keys, is_vouched).take(filed.read(raw))


def test_it_may_be_taken_again_and_what_is_refused_is_counted(above: Upstream) -> None:
    amina = learner()
    raw = file_of(above, amina, enrolment(amina), enrolment(amina, "no-such-course"))

    first, again = taken(above, raw), taken(above, raw)

    assert first == again
    assert (first.additions, first.joins, first.refused) == (2, 0, {"unknown_course": 1})
    assert len(above.rows(Learner)) == 1


def test_who_carries_it_adds_nothing(above: Upstream) -> None:
    raw = file_of(above, learner())
    others = b64encode(CarriedAdditions(additions=[learner("Mallory")]).model_dump_json().encode()).decode()
    changed = json.loads(raw)
    changed["requests"][0]["body"] = others

    for altered in (json.dumps(changed).encode(), file_of(above, learner(), key=DeviceKey.generate())):
        with pytest.raises(SetupError, match="not as the hub signed it"):
            taken(above, altered)
    assert above.rows(Learner) == []


@pytest.mark.parametrize("raw", [b"", b"Dear Grace", b"[]", b'{"format": "tiffin-backup", "version": 1}', b"\xff" * 9])
def test_what_is_no_such_file_is_said(raw: bytes) -> None:
    with pytest.raises(SetupError, match="no file of a hub's enrolments"):
        filed.read(raw)


def test_a_strangers_file_and_a_newer_hubs_are_told_apart(above: Upstream) -> None:
    with pytest.raises(SetupError, match="No hub of this server wrote this file"):
        taken(above, file_of(above, learner(), hub=1))
    with pytest.raises(SetupError, match="a newer hub"):
        taken(above, file_of(above, path="/v1/hub/wishes"))


def test_once_its_key_was_ended_somebody_must_vouch_and_its_codes_stay_ended(above: Upstream) -> None:
    amina, code = learner(), new_code()
    raw = file_of(above, amina, code_of(amina, code, above))
    with above.database.writing() as session:
        revoke(session, above.organisation.id, above.hubs[0].id)

    with pytest.raises(SetupError, match="--vouch"):
        taken(above, raw)
    done = taken(above, raw, is_vouched=True)

    assert (done.additions, [one.id for one in above.rows(Learner)]) == (2, [amina["learner"]])
    assert above.opened(code) == ""
