"""One learner, two phones: what each of them, the server and the record make of concurrent work."""

from itertools import permutations

from conflict.rules import Folded, LessonState, fold
from server.consumers.documents import survivor_of
from server.tables import Attempt, ConflictRecord, LogEntry, Parked, Quarantined, Survivor
from server.tables.ids import now_ms
from sync.admission import read_change
from sync.client import Replica
from sync.codec import Document
from sync.wire import DOCUMENTS, FrameKind, Verdict, read_reply
from tests.server.school import COURSE, NOW_S, School, attempt, study

KEYS = ("s/lecture", "p/lecture", "w/lecture", "b/lecture/42", "b/lecture/7", "n/lecture/n1")


def read_on_server(here: School, key: str) -> Folded:
    return fold(key, [survivor_of(row) for row in here.rows(Survivor) if row.key == key])


def two_phones(here: School) -> tuple[Replica, Replica]:
    """Both hold the same beginning; then each works alone."""
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    first.note(COURSE, "lecture", "n1", "Boil")
    here.exchange(first)
    here.exchange(second)
    return first, second


def work_apart(first: Replica, second: Replica) -> None:
    monday = now_ms() // 1000 + 3_600  # later than the server's last word, as a phone's own clock is
    first.reach(COURSE, "lecture", LessonState.COMPLETED)
    first.place(COURSE, "lecture", 70, monday)
    first.watch(COURSE, "lecture", [(0, 60)])
    first.note(COURSE, "lecture", "n1", "Boil, ask Grace")
    first.bookmark(COURSE, "lecture", 42)
    second.reach(COURSE, "lecture", LessonState.IN_PROGRESS)
    second.place(COURSE, "lecture", 40, monday + 86_400)
    second.watch(COURSE, "lecture", [(40, 120)])
    second.note(COURSE, "lecture", "n1", "Boil for one minute")
    second.bookmark(COURSE, "lecture", 7)


def test_both_devices_and_the_server_read_the_same(here: School) -> None:
    first, second = two_phones(here)
    work_apart(first, second)
    for phone in (first, second, first):
        here.exchange(phone)
    here.settle()

    for key in KEYS:
        assert first.read(COURSE, key).value == second.read(COURSE, key).value == read_on_server(here, key).value, key
    assert first.read(COURSE, "s/lecture").value == LessonState.COMPLETED
    assert first.read(COURSE, "p/lecture").value == 40, "the later by the clock, whoever exchanged first"
    assert first.read(COURSE, "w/lecture").value == ((0, 120),)


def test_both_notes_are_kept_until_she_joins_them(here: School) -> None:
    first, second = two_phones(here)
    work_apart(first, second)
    for phone in (first, second, first):
        here.exchange(phone)
    assert set(first.read(COURSE, "n/lecture/n1").value) == {"Boil, ask Grace", "Boil for one minute"}

    first.note(COURSE, "lecture", "n1", "Boil for one minute, ask Grace")
    here.exchange(first)
    here.exchange(second)

    assert second.read(COURSE, "n/lecture/n1").value == ("Boil for one minute, ask Grace",)


def test_each_settled_conflict_stands_in_the_record_once_with_rule_and_values(here: School) -> None:
    first, second = two_phones(here)
    work_apart(first, second)
    for phone in (first, second, first, second):
        here.exchange(phone)
    here.settle()

    records = {row.key: row for row in here.rows(ConflictRecord)}
    assert set(records) == {"s/lecture", "p/lecture", "w/lecture", "n/lecture/n1"}
    assert {key: row.rule for key, row in records.items()} == {
        "s/lecture": "furthest_along",
        "p/lecture": "latest",
        "w/lecture": "union",
        "n/lecture/n1": "keep_both",
    }
    assert sorted(one["value"] for one in records["n/lecture/n1"].survivors) == [
        "Boil for one minute",
        "Boil, ask Grace",
    ]
    assert len({one["actor"] for one in records["p/lecture"].survivors}) == 2


def test_what_is_written_while_a_reply_is_on_its_way_replaces_nothing_that_it_brings(here: School) -> None:
    first, second = two_phones(here)
    second.note(COURSE, "lecture", "n1", "Boil for one minute")
    here.exchange(second)
    reply = here.carry(first.request(now_ms()))
    first.note(COURSE, "lecture", "n1", "Boil, ask Grace")
    first.accept(reply)
    here.exchange(first)
    here.exchange(second)
    assert set(second.read(COURSE, "n/lecture/n1").value) == {"Boil for one minute", "Boil, ask Grace"}


def test_a_third_phone_learns_all_of_it_from_the_log(here: School) -> None:
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    work_apart(first, second)
    here.exchange(first)
    here.exchange(second)
    third = here.device(amina)
    here.exchange(third)
    here.exchange(first)
    assert [third.read(COURSE, key).value for key in KEYS] == [first.read(COURSE, key).value for key in KEYS]


def test_a_phone_that_lost_its_storage_gets_its_own_work_back(here: School) -> None:
    amina = here.learner()
    phone = here.device(amina)
    study(phone)
    here.exchange(phone)
    emptied = Replica(phone.key, phone.profile)
    emptied.send_mine = True
    here.exchange(emptied)
    assert emptied.read(COURSE, "n/lecture/n1").value == ("Boil for one minute",)
    assert not emptied.send_mine


def test_who_asks_for_her_own_work_too_is_given_what_the_same_request_brings(here: School) -> None:
    """Only that way does she see all of it in one order."""
    phone = here.device(here.learner())
    study(phone)
    phone.send_mine = True
    reply = here.exchange(phone)
    assert {FrameKind.MILESTONES, FrameKind.PROGRESS} <= {frame.kind for frame in reply.frames}


def test_a_cursor_in_another_life_of_the_log_is_worth_nothing(here: School) -> None:
    """What lies before it is told again: the numbers of that life say nothing of this one."""
    first, second = two_phones(here)
    work_apart(first, second)
    for phone in (first, second, first):
        here.exchange(phone)
    here.service.renew_epoch()

    reply = read_reply(here.carry(first.request(now_ms())))

    assert first.cursor > 0
    told = {read_change(frame.content)[1] for frame in reply.frames if frame.kind in DOCUMENTS}
    held = {body for document in first.documents.values() for body in document.bodies}
    assert told == held


def test_attempts_over_the_limit_are_kept_as_excess_in_any_order(here: School) -> None:
    """Both phones offline, two attempts allowed: the earliest two count, whoever comes first."""
    for order in permutations(range(3)):
        amina = here.learner()
        phones = [here.device(amina) for _ in range(3)]
        for place, phone in enumerate(phones):
            phone.submit(attempt(1, right=place == 2, started=NOW_S + 60 * place))
        for place in order:
            here.exchange(phones[place])
        here.settle()
        mine = sorted((row for row in here.rows(Attempt) if row.learner_id == amina.id), key=lambda row: row.started_s)
        assert [row.state.value for row in mine] == ["graded", "graded", "excess"], order
        for phone in phones:
            here.exchange(phone)
        newest = {grade["submission"]: grade["state"] for grade in phones[order[0]].grades}
        assert sorted(newest.values()) == ["excess", "graded", "graded"], "every phone is told how it stands now"


def test_of_two_devices_that_write_under_one_actor_the_later_takes_another(here: School) -> None:
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    second.actor = first.actor
    study(first)
    here.exchange(first)
    second.note(COURSE, "lecture", "n2", "written under a borrowed actor")

    reply = here.exchange(second)

    assert [verdict.reason for verdict in reply.verdicts] == ["actor_forked"]
    assert second.actor != first.actor
    here.exchange(second)
    here.exchange(first)
    assert first.read(COURSE, "n/lecture/n2").value == ("written under a borrowed actor",)
    assert second.outbox.is_empty


def test_a_phone_restored_from_an_old_copy_loses_nothing(here: School) -> None:
    """The copy writes its next change under a sequence number that was used: it forks, and starts as another actor."""
    amina = here.learner()
    phone = here.device(amina)
    phone.note(COURSE, "lecture", "n1", "first")
    here.exchange(phone)
    bodies = phone.document(COURSE, FrameKind.PROGRESS).bodies
    phone.note(COURSE, "lecture", "n2", "after the copy was made")
    here.exchange(phone)
    copy = Replica(phone.key, phone.profile)
    copy.actor = phone.actor
    copy.documents[(COURSE, FrameKind.PROGRESS)] = Document(phone.actor, bodies)
    copy.note(COURSE, "lecture", "n3", "on the copy")

    reply = here.exchange(copy)
    here.exchange(copy)
    fresh = here.device(amina)
    here.exchange(fresh)

    assert [(verdict.verdict, verdict.reason) for verdict in reply.verdicts] == [(Verdict.QUARANTINED, "actor_forked")]
    assert len(here.rows(Quarantined)) == 1, "the bytes are kept"
    assert copy.read(COURSE, "n/lecture/n2").value == ("after the copy was made",), "what the copy lacked came back"
    assert [fresh.read(COURSE, f"n/lecture/n{i}").value for i in (1, 2, 3)] == [
        ("first",),
        ("after the copy was made",),
        ("on the copy",),
    ]


def test_a_change_that_came_before_what_it_builds_on_is_parked_then_placed(here: School) -> None:
    phone = here.device(here.learner())
    phone.note(COURSE, "lecture", "n1", "first")
    phone.commit(NOW_S)
    [early] = phone.outbox.changes
    held_back = phone.outbox.changes.pop(early)
    phone.note(COURSE, "lecture", "n1", "second")

    reply = here.exchange(phone)
    assert [(verdict.verdict, verdict.reason) for verdict in reply.verdicts] == [
        (Verdict.PARKED, "missing_dependencies")
    ]
    assert len(here.rows(Parked)) == 1

    phone.outbox.changes[early] = held_back
    here.exchange(phone)
    here.settle()

    assert here.rows(Parked) == []
    assert read_on_server(here, "n/lecture/n1").value == ("second",)


def test_work_in_a_course_that_nobody_has_is_kept_aside(here: School) -> None:
    phone = here.device(here.learner())
    phone.note("no-such-course", "page", "n1", "still mine")
    study(phone)
    reply = here.exchange(phone)
    assert [verdict.reason for verdict in reply.verdicts] == ["unknown_course"]
    assert len(here.rows(Quarantined)) == 1
    assert phone.outbox.is_empty


def test_a_restored_server_is_offered_again_what_it_lost(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    here.exchange(phone)
    with here.database.engine.execution_options(writing=True).begin() as connection:
        for table in ("log_entry", "parcel", "attempt", "survivor", "consumer_cursor", "server_state"):
            connection.exec_driver_sql(f"delete from {table}")  # noqa: S608
    here.service.epoch = b"restored"

    here.exchange(phone)
    here.exchange(phone)

    assert phone.outbox.is_empty
    assert [row.number for row in here.rows(Attempt)] == [1]
    assert FrameKind.PROGRESS in {row.kind for row in here.rows(LogEntry)}


def test_two_profiles_on_one_phone_stay_apart(here: School) -> None:
    amina, grace = here.learner("Amina"), here.learner("Grace")
    mine = here.device(amina)
    hers = here.device(grace, key=mine.key, profile=2)
    mine.note(COURSE, "lecture", "n1", "Amina's")
    hers.note(COURSE, "lecture", "n1", "Grace's")
    hers.submit(attempt())
    for replica in (mine, hers, mine):
        here.exchange(replica)
    assert mine.read(COURSE, "n/lecture/n1").value == ("Amina's",)
    assert mine.grades == []
    assert len(hers.grades) == 1


def test_a_carrier_may_bring_requests_in_any_order_and_twice(here: School) -> None:
    amina = here.learner()
    phones = [here.device(amina) for _ in range(3)]
    requests = []
    for place, phone in enumerate(phones):
        study(phone, at=NOW_S + place)
        phone.submit(attempt(place + 1))
        requests.append(phone.request(now_ms()))
    for request in (*reversed(requests), *requests):
        here.carry(request)
    here.settle()
    assert len(here.rows(Attempt)) == 3
    assert len([row for row in here.rows(LogEntry) if row.kind == FrameKind.MILESTONES]) == 3
