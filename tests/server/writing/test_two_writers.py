"""A command may bring work into the tables of a running server: two writers, one log, each effect once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from server.exchange.service import ExchangeService
from server.tables import Attempt, LogEntry, Survivor
from server.tables.ids import now_ms
from tests.server.school import OneQuiz, School, attempt, study

LEARNERS = 12


def test_two_processes_that_take_the_same_requests_keep_each_once(here: School) -> None:
    phones = [here.device(here.learner(f"learner {i}")) for i in range(LEARNERS)]
    requests = []
    for phone in phones:
        study(phone)
        phone.submit(attempt())
        requests.append(phone.request(now_ms()))
    other = ExchangeService(here.database.engine, analytics=here.service.analytics.folder, quizzes=OneQuiz())
    other.start()

    both = [(service, request) for request in requests for service in (here.service, other)]
    with ThreadPoolExecutor(4) as carriers:
        list(carriers.map(lambda one: asyncio.run(one[0].exchange(one[1])), both))
    here.settle()
    asyncio.run(other.settled())
    other.stop()

    assert len(here.rows(Attempt)) == LEARNERS
    assert len([row for row in here.rows(LogEntry) if row.device_id]) == 3 * LEARNERS
    assert len({(row.learner_id, row.key, row.counter) for row in here.rows(Survivor)}) == len(here.rows(Survivor))
    assert {row.state.value for row in here.rows(Attempt)} == {"graded"}
