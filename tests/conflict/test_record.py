"""The record of settled conflicts, read again: the rule's word, a trainer's over it, and no other rule's."""

import pytest

from conflict.grades import Ruling, Word
from conflict.record import OtherRule, Settled, outcome
from conflict.rules import Survivor

PHONE = Survivor(3, b"\x01" * 16, "Boil, ask Grace")
TABLET = Survivor(3, b"\x02" * 16, "Boil for one minute")
MET = Settled("r1", "n/lecture/n1", "keep_both", 1, (PHONE, TABLET))


def choice(place: int, at_ms: int, record: str = "r1") -> Ruling:
    return Ruling(Word.OVERRULED, at_ms, str(at_ms), {"survivor": place}, record)


def test_a_record_reads_as_its_rule_says_until_a_trainer_says_otherwise() -> None:
    assert outcome(MET) == ("Boil, ask Grace", "Boil for one minute")
    assert outcome(MET, [choice(1, 1)]) == ("Boil for one minute",)
    assert outcome(MET, [choice(1, 1, "another")]) == outcome(MET)


def test_of_two_choices_the_later_stands_in_whatever_order_they_are_read() -> None:
    first, later = choice(1, 1), choice(0, 2)
    assert outcome(MET, [first, later]) == outcome(MET, [later, first]) == ("Boil, ask Grace",)


@pytest.mark.parametrize(("rule", "version"), [("keep_both", 2), ("latest", 1)])
def test_what_another_rule_settled_is_not_reckoned_by_this_one(rule: str, version: int) -> None:
    with pytest.raises(OtherRule):
        outcome(Settled("r1", MET.key, rule, version, MET.survivors))
