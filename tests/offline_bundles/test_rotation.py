"""One key leads to the next, and never back: what is stolen is left behind, and its thief can name no other."""

from dataclasses import replace

import pytest

from offline_bundles import Signer, key_id
from offline_bundles.errors import BadSignature, BrokenManifest
from offline_bundles.rotation import Endorsement, TrustedKeys, endorse, reachable

FIRST, SECOND, THIRD, FOURTH, THIEF = (Signer.from_seed(bytes([number]) * 32) for number in range(5))
CHAIN = [
    endorse(FIRST, 1, SECOND.public_key),
    endorse(SECOND, 2, THIRD.public_key),
    endorse(THIRD, 3, FOURTH.public_key),
]
PHONE = TrustedKeys(0, FIRST.public_key)


def test_a_phone_learns_of_the_next_key_while_the_first_still_signs() -> None:
    assert PHONE.accepting(FIRST.key_id, CHAIN[:1]) == TrustedKeys(0, FIRST.public_key, SECOND.public_key)


def test_a_release_under_the_next_key_moves_it_on() -> None:
    moved = PHONE.accepting(SECOND.key_id, CHAIN[:2])
    assert moved == TrustedKeys(1, SECOND.public_key, THIRD.public_key)
    with pytest.raises(BadSignature, match="nobody here vouches for"):
        moved.accepting(FIRST.key_id, CHAIN)


def test_who_was_away_for_several_rotations_follows_them_all() -> None:
    assert PHONE.accepting(FOURTH.key_id, CHAIN) == TrustedKeys(3, FOURTH.public_key)


def test_who_knows_the_next_key_needs_no_word_of_the_lost_one() -> None:
    phone = TrustedKeys(0, FIRST.public_key, SECOND.public_key)
    assert phone.accepting(SECOND.key_id, []) == TrustedKeys(1, SECOND.public_key)


def test_a_thief_of_the_first_key_can_name_no_other_successor() -> None:
    phone = TrustedKeys(0, FIRST.public_key, SECOND.public_key)
    with pytest.raises(BadSignature, match="stolen"):
        phone.accepting(THIEF.key_id, [endorse(FIRST, 1, THIEF.public_key)])


@pytest.mark.parametrize(
    "chain",
    [
        [],
        [endorse(THIEF, 1, THIEF.public_key)],
        [replace(endorse(THIEF, 1, THIEF.public_key), by=FIRST.key_id)],
        [replace(CHAIN[0], public_key=THIEF.public_key.hex())],
        [endorse(FIRST, 2, THIEF.public_key)],
        [endorse(SECOND, 2, THIEF.public_key)],
    ],
)
def test_a_key_that_nobody_vouched_for_is_refused(chain: list[Endorsement]) -> None:
    with pytest.raises(BadSignature):
        PHONE.accepting(THIEF.key_id, chain)


def test_a_server_reaches_the_keys_that_those_it_trusts_lead_to() -> None:
    known = reachable({SECOND.key_id: SECOND.public_key}, CHAIN[::-1])
    assert set(known) == {SECOND.key_id, THIRD.key_id, FOURTH.key_id}
    assert all(key_id(key) == name for name, key in known.items())


@pytest.mark.parametrize(
    "change", [{"generation": 0}, {"generation": True}, {"public_key": "ab"}, {"by": 7}, {"signature": ""}]
)
def test_an_endorsement_of_another_form_is_refused(change: dict[str, object]) -> None:
    fields = {name: getattr(CHAIN[0], name) for name in Endorsement.__slots__}
    assert Endorsement.of(fields) == CHAIN[0]
    with pytest.raises(BrokenManifest):
        Endorsement.of(fields | change)
