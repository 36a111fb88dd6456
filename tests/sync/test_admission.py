"""What is let into the log, decided about items alone: nothing before its ground, nothing twice, nothing lost."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from sync.admission import Admitted, Author, Facts, Item, Reason, admit, items_in
from sync.codec import Change, Op, change_hash, encode
from sync.events import Batch, Event, Verb
from sync.exchange import write_change
from sync.submissions import FIRST, next_hash
from sync.wire import Frame, FrameKind, Tier, Verdict

COURSE = "water-and-health"
AMINA = Author("org", "amina", "aa" * 16, 1)
TABLET = "bb" * 16, 1
HERS, ITS = b"\x01" * 16, b"\x02" * 16  # actors


def change(seq: int, deps: tuple[bytes, ...] = (), *, actor: bytes = HERS, value: int = 1) -> Item:
    body = encode(Change(actor, seq, seq, 0, tuple(sorted(deps)), (Op("s/lecture", value),)))
    return Item(seq, FrameKind.MILESTONES, COURSE, change_hash(body), body, actor, seq, deps)


def of_the_tablet(item: Item) -> Item:
    """As it is read back where another of her devices sent it."""
    return item._replace(owner=TABLET)


def chained(count: int) -> list[Item]:
    """So many attempts, each behind the one before."""
    items, before = [], FIRST
    for place in range(count):
        name = next_hash(before, b"{}")
        items.append(Item(0, FrameKind.SUBMISSIONS, "", name, b"{}", seq=place, deps=(before,)))
        before = name
    return items


def facts(
    known: Iterable[Item] = (),
    *,
    parked: tuple[Item, ...] = (),
    chain_next: int = 0,
    sequences: Mapping[tuple[str, int, bytes], int] | None = None,
) -> Facts:
    return Facts(frozenset(one.hash for one in known), sequences or {}, chain_next, frozenset({COURSE}), parked)


def reasons(admitted: Admitted) -> dict[bytes, Reason]:
    return {aside.item.hash: aside.reason for aside in (*admitted.set_aside, *admitted.hopeless)}


def test_what_stands_before_what_it_builds_on_in_one_request_is_taken_all_the_same() -> None:
    first = change(1)
    second = change(2, (first.hash,))
    third = change(3, (second.hash,))
    admitted = admit(AMINA, [third, second, first], facts())
    assert [item.seq for item in admitted.accepted] == [1, 2, 3]
    assert admitted.verdicts == ()


def test_of_two_that_wait_for_one_place_one_gets_it_and_the_other_is_shown() -> None:
    first = change(1)
    waiting = [of_the_tablet(change(2, (first.hash,), value=value)) for value in (1, 2)]
    admitted = admit(AMINA, [first], facts(parked=tuple(waiting)))
    assert admitted.placed == (waiting[0],)
    assert reasons(admitted) == {waiting[1].hash: Reason.ACTOR_FORKED}


def test_an_attempt_of_her_tablet_that_waits_for_another_still_waits_when_her_phones_chain_is_longer() -> None:
    of_the_phone = chained(3)
    gap = Item(-1, FrameKind.SUBMISSIONS, "", sha256(b"tablet").digest(), b"{}", seq=1, deps=(b"\x09" * 32,))
    admitted = admit(AMINA, of_the_phone, facts(parked=(of_the_tablet(gap),)))
    assert admitted.accepted == tuple(of_the_phone)
    assert (admitted.placed, admitted.hopeless) == ((), ())


def test_a_chain_that_came_by_another_profile_goes_on_under_this_one() -> None:
    *before, newest = chained(3)
    admitted = admit(AMINA, [*before, newest], facts(before))
    assert admitted.accepted == (newest,)


def test_another_attempt_at_a_place_that_is_taken_is_kept_for_a_person_and_not_refused() -> None:
    first, second = chained(2)
    rival = second._replace(hash=next_hash(first.hash, b"[]"), body=b"[]")
    admitted = admit(AMINA, [rival], facts((first, second), chain_next=2))
    assert admitted.accepted == (rival,)


def test_an_actor_of_another_length_is_not_trusted() -> None:
    stranger = change(1, actor=b"\x01" * 15)
    assert reasons(admit(AMINA, [stranger], facts())) == {stranger.hash: Reason.MALFORMED}


def test_the_gravest_of_a_frames_verdicts_is_told() -> None:
    """A course that is not here is graver than something that is missing."""
    parked = change(2, (b"\x09" * 32,))._replace(frame=0)
    unknown = change(1, actor=ITS)._replace(frame=0, course="nowhere")
    for items in ([parked, unknown], [unknown, parked]):
        [told] = admit(AMINA, items, facts()).verdicts
        assert (told.index, told.verdict, told.reason) == (0, Verdict.QUARANTINED, Reason.UNKNOWN_COURSE)


def test_a_busy_server_puts_off_the_tiers_it_says_and_takes_the_rest() -> None:
    [attempt], milestone = chained(1), change(1)
    progress = change(1, actor=ITS)._replace(kind=FrameKind.PROGRESS)
    admitted = admit(AMINA, [attempt, milestone, progress], facts(), shed=frozenset({Tier.BATCHED, Tier.EVENTUAL}))
    assert admitted.accepted == (attempt, milestone)
    assert [(one.item, one.verdict) for one in admitted.set_aside] == [(progress, Verdict.LATER)]


def test_the_same_events_on_two_phones_are_two_batches() -> None:
    """Two phones that were opened in the same second, both for the first time."""
    batch = Frame(FrameKind.EVENTS, Batch(0, COURSE, (Event(Verb.OPENED, "lecture", 1, 0),)).write())
    [mine], _ = items_in(AMINA, [batch])
    [its], _ = items_in(replace(AMINA, device=TABLET[0]), [batch])
    assert mine.hash != its.hash
    assert admit(AMINA, [mine], facts([its])).accepted == (mine,)


def test_one_frame_that_cannot_be_read_costs_the_others_nothing() -> None:
    good = change(1)
    frames = [Frame(good.kind, write_change(COURSE, good.body)), Frame(FrameKind.PROGRESS, b"\x03abc\xff")]
    items, [broken] = items_in(AMINA, frames)
    assert [item.hash for item in items] == [good.hash]
    assert (broken.item.frame, broken.verdict, broken.item.body) == (1, Verdict.QUARANTINED, b"\x03abc\xff")
