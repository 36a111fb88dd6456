"""An organisation's release keys: the next one is known before it is needed, also when the present one is lost."""

from pathlib import Path

import pytest

from offline_bundles import Signer
from offline_bundles.rotation import TrustedKeys
from server.courses.release_keys import ReleaseKeys
from server.errors import SetupError
from server.keys import KeyRing
from tests.server.conftest import Edge

ORGANISATION = "0123456789abcdef"


@pytest.fixture
def keys(tmp_path: Path) -> ReleaseKeys:
    return ReleaseKeys(KeyRing(tmp_path / "keys"), ORGANISATION)


def phone_of(keys: ReleaseKeys) -> TrustedKeys:
    """What a phone knows that joins now."""
    return TrustedKeys(keys.generation, keys.signer.public_key, keys.following)


def put_away(keys: ReleaseKeys, tmp_path: Path) -> None:
    """The present private key is gone."""
    generation = f"-{keys.generation}" if keys.generation else ""
    (tmp_path / "keys" / f"release-{ORGANISATION}{generation}.key").unlink()


def test_the_next_key_signs_after_a_rotation_and_phones_follow(keys: ReleaseKeys) -> None:
    phone, following = phone_of(keys), keys.following
    keys.rotate()
    assert keys.signer.public_key == following
    assert phone.accepting(keys.signer.key_id, keys.chain()) == phone_of(keys)


def test_a_phone_that_was_away_for_three_rotations_follows(keys: ReleaseKeys) -> None:
    phone = TrustedKeys(0, keys.signer.public_key)
    for _ in range(3):
        keys.rotate()
    assert phone.accepting(keys.signer.key_id, keys.chain()) == phone_of(keys)


def test_a_lost_key_is_said_and_the_next_one_goes_on(keys: ReleaseKeys, tmp_path: Path) -> None:
    phone = phone_of(keys)
    put_away(keys, tmp_path)
    with pytest.raises(SetupError, match="tiffin key rotate"):
        _ = keys.signer
    keys.rotate()
    assert phone.accepting(keys.signer.key_id, keys.chain()).generation == 1


def test_what_older_keys_signed_stays_known(keys: ReleaseKeys, tmp_path: Path) -> None:
    signers = [keys.signer]
    for _ in range(2):
        keys.rotate()
        signers.append(keys.signer)
    (tmp_path / "keys" / f"release-{ORGANISATION}.key").unlink()
    assert keys.known() == {signer.key_id: signer.public_key for signer in signers}


def test_a_key_of_others_is_known_once_it_is_trusted(keys: ReleaseKeys) -> None:
    other = Signer.generate()
    assert other.key_id not in keys.known()
    keys.ring.trust(ORGANISATION, other.public_key)
    keys.ring.trust(ORGANISATION, other.public_key)
    assert keys.known()[other.key_id] == other.public_key


def test_a_release_record_leads_to_the_next_key(edge: Edge) -> None:
    root = edge.phone("Follower").releases["small"]["root"]
    with edge.client() as client:
        record = client.get(f"/v1/releases/{root}").json()
    (link,) = record["keys"]
    assert (link["generation"], link["by"]) == (1, record["key"])
