"""A hub whose key was ended comes again: it is told what to do, and an administrator sees that it came."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server import errors
from server.composition import open_database, open_keys
from server.hubs.answering.enrolling import Hubs
from server.hubs.asking.troubles import trouble_of
from server.hubs.asking.upstream import UpstreamServer
from server.people import accounts
from server.settings import Settings
from server.shapes.hubs import EntriesAsked, HubJoined, HubState
from server.tables import UplinkTrouble
from sync.identity import DeviceKey
from tests.server.hubs.conftest import Pair

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("hubs")]
ASKED = EntriesAsked(epoch="", cursor=0, state=HubState(waiting=0, oldest_seconds=0, refused=0))


def code_for(pair: Pair, name: str) -> str:
    settings = Settings(home=pair.upstream.home)
    with open_database(settings) as database, database.writing() as session:
        return Hubs(open_keys(settings)).add(session, accounts.organisation_named(session, ""), name)


@contextmanager
def laptop(pair: Pair, key: DeviceKey, hub_id: str = "") -> Iterator[UpstreamServer]:
    with pair.upstream.client() as client:
        yield UpstreamServer(client, key, hub_id)


def join(pair: Pair, key: DeviceKey, code: str) -> HubJoined:
    with laptop(pair, key) as here:
        return here.join(code)


def refused_to_join(pair: Pair, key: DeviceKey, code: str) -> None:
    with pytest.raises(errors.UpstreamRefuses, match="--new-key"):
        join(pair, key, code)


def knock(pair: Pair, key: DeviceKey, hub_id: str) -> UplinkTrouble | None:
    with laptop(pair, key, hub_id) as here:
        try:
            here.entries(ASKED)
        except errors.UpstreamRefuses as error:
            return trouble_of(error)
    return None


def knocked_ms(pair: Pair, hub_id: str) -> int | None:
    with pair.administrator() as client:
        [row] = [one for one in client.get("/v1/hubs").json()["items"] if one["id"] == hub_id]
    return int(row["knocked_ms"]) if row["knocked_ms"] else None


def test_a_revoked_hub_is_told_so_when_it_knocks_and_when_it_joins_until_it_has_another_key(pair: Pair) -> None:
    key, code = DeviceKey.generate(), code_for(pair, "Lost laptop")
    hub_id = join(pair, key, code).hub
    assert knock(pair, key, hub_id) is None

    with pair.administrator() as client:
        client.post(f"/v1/hubs/{hub_id}/revoke").raise_for_status()

    assert knocked_ms(pair, hub_id) is None
    assert knock(pair, key, hub_id) is UplinkTrouble.ENDED
    assert knocked_ms(pair, hub_id) is not None
    refused_to_join(pair, key, code)
    again = code_for(pair, "Lost laptop")
    refused_to_join(pair, key, again)
    renewed = DeviceKey.generate()
    assert join(pair, renewed, again).hub == hub_id
    assert knocked_ms(pair, hub_id) is None, "what came before it joined is settled"
    assert (knock(pair, renewed, hub_id), knock(pair, key, hub_id)) == (None, UplinkTrouble.ENDED)


def test_a_hub_for_which_another_code_was_made_joins_with_it_and_is_no_stranger_then(pair: Pair) -> None:
    key = DeviceKey.generate()
    hub_id = join(pair, key, code_for(pair, "Moved laptop")).hub
    another = code_for(pair, "Moved laptop")

    assert knock(pair, key, hub_id) is UplinkTrouble.NOT_JOINED
    assert knocked_ms(pair, hub_id) is not None
    join(pair, key, another)

    assert knock(pair, key, hub_id) is None
    assert knocked_ms(pair, hub_id) is None


def test_a_stranger_who_only_knows_a_hubs_name_is_not_taken_for_it(pair: Pair) -> None:
    hub_id = join(pair, DeviceKey.generate(), code_for(pair, "Quiet laptop")).hub

    assert knock(pair, DeviceKey.generate(), hub_id) is UplinkTrouble.NOT_JOINED
    assert knocked_ms(pair, hub_id) is None


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (errors.UpstreamUnreachable("no way"), UplinkTrouble.UNREACHABLE),
        (errors.UpstreamUnreadable("half"), UplinkTrouble.UNREADABLE),
        (errors.UpstreamFails("anything"), UplinkTrouble.FAILED),
        (errors.UpstreamRefuses(503, "not_ready", ""), UplinkTrouble.BUSY),
        (errors.UpstreamRefuses(502, "", ""), UplinkTrouble.FAILED),
        (errors.UpstreamRefuses(422, "invalid", ""), UplinkTrouble.REFUSED),
        (OSError(28, "No space left on device"), UplinkTrouble.HERE),
    ],
)
def test_whatever_fails_a_round_has_a_code(error: Exception, trouble: UplinkTrouble) -> None:
    assert trouble_of(error) is trouble
