"""Many at once: one group's requests are admitted together and each is answered as if it had come alone."""

import asyncio

import pytest
from sqlalchemy.exc import SQLAlchemyError

from server.bulk import PARAMETERS_MAX, ask, run_many
from server.log.entries import ServerEntry, append_server_entries
from server.log.reading import PAGE_ENTRIES_MAX
from server.tables import Attempt, DeviceContact, LogEntry, Survivor
from server.tables.ids import now_ms
from sync.wire import FrameKind, read_reply
from tests.server.school import COURSE, School, attempt, study


def all_at_once(here: School, requests: list[bytes]) -> list[bytes]:
    async def gathered() -> list[bytes]:
        return await asyncio.gather(*map(here.service.exchange, requests))

    return asyncio.run(gathered())


def test_a_crowd_loses_nothing_and_everyone_is_answered(here: School) -> None:
    phones = [here.device(here.learner(f"learner {place}")) for place in range(30)]
    for phone in phones:
        study(phone)
        phone.submit(attempt())

    replies = all_at_once(here, [phone.request(now_ms()) for phone in phones])
    for phone, reply in zip(phones, replies, strict=True):
        assert not phone.accept(reply).verdicts
    here.settle()

    assert all(phone.outbox.is_empty for phone in phones)
    assert {row.device_id for row in here.rows(Attempt)} == {phone.key.device.hex() for phone in phones}
    assert len({row.learner_id for row in here.rows(Survivor)}) == len(here.rows(DeviceContact)) == 30
    for phone in phones:
        here.exchange(phone)
        assert [grade["score"] for grade in phone.grades] == [2000]


def test_one_request_that_comes_many_times_at_once_has_one_effect(here: School) -> None:
    phone = here.device(here.learner())
    study(phone)
    phone.submit(attempt())
    request = phone.request(now_ms())

    replies = all_at_once(here, [request] * 20)
    here.settle()

    assert all(not read_reply(reply).verdicts for reply in replies)
    assert len([row for row in here.rows(LogEntry) if row.device_id]) == 3
    assert [row.exchanges for row in here.rows(DeviceContact)] == [20]


def test_two_phones_of_one_learner_that_come_together_hear_of_each_other(here: School) -> None:
    amina = here.learner()
    first, second = here.device(amina), here.device(amina)
    study(first)
    study(second)

    replies = all_at_once(here, [first.request(now_ms()), second.request(now_ms())])
    first.accept(replies[0])
    second.accept(replies[1])

    here.exchange(first)
    here.exchange(second)
    assert {key: document.heads for key, document in first.documents.items()} == {
        key: document.heads for key, document in second.documents.items()
    }


def test_a_device_is_not_told_twice_and_its_cursor_ends_at_the_head(here: School) -> None:
    phone = here.device(here.learner())
    messages = [b'{"text":"%d"}' % place for place in range(3)]
    for message in messages:
        here.service.append(
            organisation=here.organisation.id, kind=FrameKind.MESSAGE, body=message, course=COURSE
        ).result()

    first, second = here.exchange(phone), here.exchange(phone)

    assert [frame.content for frame in first.frames] == messages
    assert (second.frames, second.more) == ((), False)
    assert second.cursor == max(row.position for row in here.rows(LogEntry))


def test_more_than_a_page_comes_in_pages_with_nothing_between_them(here: School) -> None:
    amina = here.learner()
    phone = here.device(amina)
    messages = [b'{"text":"%d"}' % place for place in range(PAGE_ENTRIES_MAX + 5)]
    entries = [ServerEntry(here.organisation.id, FrameKind.MESSAGE, message, learner=amina.id) for message in messages]
    with here.database.engine.execution_options(writing=True).begin() as connection:
        append_server_entries(connection, entries)

    first, second = here.exchange(phone), here.exchange(phone)

    assert (first.more, second.more) == (True, False)
    assert [frame.content for frame in (*first.frames, *second.frames)] == messages


def test_a_question_about_more_than_one_statement_takes_is_asked_in_several(here: School) -> None:
    asked = [(f"k{place}", place) for place in range(PARAMETERS_MAX)]
    with here.database.engine.connect() as connection:
        found = ask(connection, "SELECT column1, column2 FROM {asked} WHERE column1 IS NOT NULL", asked)
        assert list(found) == asked


def test_an_error_of_the_driver_is_one_of_sqlalchemys(here: School) -> None:
    with here.database.engine.connect() as connection, pytest.raises(SQLAlchemyError, match="nowhere"):
        run_many(connection, "INSERT INTO nowhere VALUES (?)", [(1,)])
