"""More come than there is room for: who is sent away hears when to return, loses nothing, and comes through later."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from server.consumers.running import SKIPPED_MAX
from server.log.entries import ServerEntry, append_server_entries, lock_log
from server.tables import ConsumerCursor, Learner
from server.tables.ids import now_ms
from server.writing.waiting import EVENTUAL_MAX, GROUP_MAX, OF_A_GROUP, ROOM, WAIT_SECONDS_MIN
from sync.client import Replica
from sync.errors import Busy
from sync.events import Event, Verb
from sync.wire import FrameKind, Tier, Verdict, read_reply
from tests.server.school import COURSE, NOW_S, School, attempt

CROWD = 2 * EVENTUAL_MAX


@contextmanager
def writer_held(here: School) -> Iterator[None]:
    """Somebody else writes, as another process may: what comes meanwhile stands in line."""
    with here.database.engine.execution_options(writing=True).begin() as connection:
        lock_log(connection)
        yield


async def while_held(here: School, requests: list[bytes]) -> list[bytes | BaseException]:
    """All of them come in this order while nothing can be written; their replies, or how they were refused."""
    with writer_held(here):
        coming = [asyncio.create_task(here.service.exchange(request)) for request in requests]
        await asyncio.sleep(0)  # each now stands in line, or was sent away
    return await asyncio.gather(*coming, return_exceptions=True)


def phone_with_events(here: School, learner: Learner) -> Replica:
    phone = here.device(learner)
    phone.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S, 60))
    return phone


def events_stored(here: School) -> int:
    here.settle()
    return sum(day["events"] for day in here.service.analytics.daily(here.organisation.id))


def test_a_crowd_with_analytics_is_sent_away_loses_nothing_and_comes_through_later(here: School) -> None:
    amina = here.learner()
    phones = [phone_with_events(here, amina) for _ in range(CROWD)]

    replies = asyncio.run(while_held(here, [phone.request(now_ms()) for phone in phones]))
    refused = [phone for phone, reply in zip(phones, replies, strict=True) if isinstance(reply, Busy)]
    for phone, reply in zip(phones, replies, strict=True):
        if isinstance(reply, bytes):
            phone.accept(reply)

    assert CROWD - EVENTUAL_MAX - OF_A_GROUP[Tier.EVENTUAL] <= len(refused) < CROWD
    assert all(reply.wait_seconds >= WAIT_SECONDS_MIN[Tier.EVENTUAL] for reply in replies if isinstance(reply, Busy))
    assert here.service.refused() == {"immediate": 0, "batched": 0, "eventual": len(refused)}
    assert not any(phone.outbox.is_empty for phone in refused)
    assert events_stored(here) == CROWD - len(refused)

    for phone in refused:
        here.exchange(phone)
    assert all(phone.outbox.is_empty for phone in phones)
    assert events_stored(here) == CROWD


def test_in_a_crowd_of_attempts_each_attempt_is_taken_and_its_analytics_come_later(here: School) -> None:
    first, last = here.device(here.learner("Amina")), phone_with_events(here, here.learner("Chipo"))
    first.submit(attempt())
    last.submit(attempt())
    crowd = [first.request(now_ms())] * (ROOM[Tier.EVENTUAL] + GROUP_MAX)

    *_, reply = asyncio.run(while_held(here, [*crowd, last.request(now_ms())]))
    assert isinstance(reply, bytes)
    [verdict] = read_reply(reply).verdicts
    last.accept(reply)

    assert verdict.verdict is Verdict.LATER
    assert read_reply(reply).wait >= WAIT_SECONDS_MIN[Tier.EVENTUAL]
    assert here.service.refused() == {"immediate": 0, "batched": 0, "eventual": 1}
    assert last.outbox.records_acknowledged == 1
    assert not last.outbox.is_empty

    assert not here.exchange(last).verdicts
    assert last.outbox.is_empty
    assert events_stored(here) == 1


def test_who_reads_little_of_the_log_does_not_look_through_the_rest_of_it_again_and_again(here: School) -> None:
    amina = here.learner()
    messages = [b'{"text":"%d"}' % place for place in range(SKIPPED_MAX + 1)]
    entries = [ServerEntry(here.organisation.id, FrameKind.MESSAGE, message, learner=amina.id) for message in messages]
    with here.database.engine.execution_options(writing=True).begin() as connection:
        append_server_entries(connection, entries)
    here.settle()
    assert {row.position for row in here.rows(ConsumerCursor)} == {len(entries)}
    assert not here.service.unread_since_ms()

    phone = here.device(amina)
    phone.submit(attempt())
    here.exchange(phone)
    here.settle()
    here.exchange(phone)
    assert [grade["score"] for grade in phone.grades] == [2000]
