"""Old history is packed, and nobody notices: not a phone, new or old, nor a hub, nor what follows the log."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from conflict.rules import LessonState
from server.hubs.answering import entries as hub_entries
from server.log.compacting import Sweep
from server.log.segments import BODIES_BYTES_MAX, pack, unpack
from server.tables import Attempt, LogEntry, Segment, Survivor
from server.tables.ids import now_ms
from server.tables.packed import packed, unpacked
from sync.client import Replica
from sync.wire import Reply, read_reply
from tests.server.school import COURSE, NOW_S, School, attempt, study

WEEKS = 6


def at_once() -> Sweep:
    """Everything, however young and however little."""
    return Sweep(kept_ms=0, bytes_min=1)


def compact(here: School, how: Sweep | None = None) -> Sweep:
    here.settle()
    how = how or at_once()
    for _ in here.service.compact(how):
        pass
    return how


def weeks(here: School, phone: Replica, count: int = WEEKS) -> None:
    """One exchange for each week: a change of both documents, an attempt."""
    study(phone)
    for week in range(count):
        phone.place(COURSE, "lecture", 60 + week, NOW_S + week)
        phone.reach(COURSE, f"page {week}", LessonState.COMPLETED)
        phone.submit(attempt(week + 1, started=NOW_S + 600 * week))
        here.exchange(phone)
    here.settle()


def told(here: School, phone: Replica) -> Reply:
    """What a phone would be told now; it does not hear it."""
    return read_reply(here.carry(phone.request(now_ms())))


def read_models(here: School) -> list[Any]:
    attempts = [(row.hash, row.state, row.counts, row.score, row.questions) for row in here.rows(Attempt)]
    return [sorted(attempts), sorted(map(tuple, here.rows(Survivor)))]


def test_a_new_phone_is_told_the_same_and_the_rows_hold_no_bodies(here: School) -> None:
    amina = here.learner()
    weeks(here, here.device(amina))
    new = here.device(amina)
    before = told(here, new)

    done = compact(here)

    after = told(here, new)
    assert (after.frames, after.cursor, after.more) == (before.frames, before.cursor, before.more)
    hers = [row for row in here.rows(LogEntry) if row.learner_id]
    assert {row.body for row in hers} == {b""}
    [segment] = here.rows(Segment)
    assert (segment.entries, done.learners) == (len(hers), 1)
    assert len(segment.content) < segment.size / 2


def test_a_phone_goes_on_where_it_was_and_repeats_change_nothing(here: School) -> None:
    phone = here.device(here.learner())
    weeks(here, phone)
    study(phone, at=NOW_S + 1)
    again = phone.request(now_ms())
    here.carry(again)
    compact(here)
    before = here.rows(LogEntry)

    phone.accept(here.carry(again))
    here.settle()
    assert here.rows(LogEntry) == before, "all of it is known"

    phone.submit(attempt(WEEKS + 1))
    phone.reach(COURSE, "last", LessonState.COMPLETED)
    reply = here.exchange(phone)
    here.settle()

    assert reply.verdicts == ()
    assert sorted(row.chain for row in here.rows(Attempt)) == list(range(WEEKS + 1)), "her chain goes on"


def test_what_follows_the_log_can_be_made_again_from_segments(here: School) -> None:
    weeks(here, here.device(here.learner()))
    before = read_models(here)
    compact(here)
    assert read_models(here) == before

    with here.database.writing() as session:
        for table in ("attempt", "survivor", "conflict_record"):
            session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608
        session.connection().execute(text("DELETE FROM consumer_cursor"))
    here.settle()

    assert read_models(here) == before


def test_a_hub_reads_on_through_segments(here: School) -> None:
    weeks(here, here.device(here.learner()))
    weeks(here, here.device(here.learner("Beauty")))

    def page() -> dict[str, Any]:
        with here.database.engine.connect() as connection:
            return hub_entries.page(connection, here.organisation.id, 3)

    before = page()
    compact(here)
    assert page() == before
    assert len(before["entries"]) > WEEKS


def test_what_is_young_or_little_stays_as_it_is(here: School) -> None:
    weeks(here, here.device(here.learner()))
    before = here.rows(LogEntry)

    for young_or_little in (Sweep(bytes_min=1), Sweep(kept_ms=0)):
        compact(here, young_or_little)

    assert here.rows(Segment) == []
    assert here.rows(LogEntry) == before


def test_what_comes_later_goes_into_a_segment_of_its_own(here: School) -> None:
    phone = here.device(here.learner())
    weeks(here, phone)
    compact(here)
    phone.submit(attempt(WEEKS + 1, started=NOW_S + 900))
    here.exchange(phone)
    compact(here)

    first, second = here.rows(Segment)
    assert first.last_position < second.first_position


def test_a_late_word_about_old_attempts_changes_what_it_must(here: School) -> None:
    """Attempts that lie packed are judged again beside a new one, as if they did not."""
    phone = here.device(here.learner())
    phone.submit(attempt(1, right=False))
    here.exchange(phone)
    compact(here)

    phone.submit(attempt(2, started=NOW_S + 600))
    here.exchange(phone)
    here.settle()

    first, second = sorted(here.rows(Attempt), key=lambda row: row.number)
    assert (first.counts, second.counts) == (False, True)
    assert [question["id"] for question in first.questions] == ["q1", "q2"]


@settings(max_examples=25)
@given(st.lists(st.dictionaries(st.text(max_size=9), st.one_of(st.text(), st.integers(), st.booleans(), st.none()))))
def test_what_was_found_in_an_attempt_comes_back_as_it_was(questions: list[dict[str, Any]]) -> None:
    value = packed(questions)
    assert value == questions or unpacked(value) == questions
    assert len(json.dumps(value)) <= len(json.dumps(questions))


@settings(max_examples=25)
@given(st.dictionaries(st.integers(1, 2**40), st.binary(max_size=200), min_size=1))
def test_bodies_come_back_as_they_were(bodies: dict[int, bytes]) -> None:
    bodies = dict(sorted(bodies.items()))
    assert unpack(pack(bodies)) == bodies


def test_a_segment_is_bounded(here: School) -> None:
    amina = here.learner()
    phone = here.device(amina)
    long = "boiled " * (BODIES_BYTES_MAX // 7 // 2 + 1)
    for number in (1, 2, 3):
        phone.submit(replace(attempt(number), answers={"q1": "b", "q2": long}))
    here.exchange(phone)
    here.settle()
    before = told(here, here.device(amina))

    compact(here)

    first, *others = here.rows(Segment)
    assert (first.entries, len(others)) == (1, 2), "two of half the bound and a little more do not fit"
    assert told(here, here.device(amina)).frames == before.frames
