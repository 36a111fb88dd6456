"""A real server process, killed with SIGKILL before every write and every sync of its disk, one life for each.

What a phone was told is durable is there in the next life; what it was not told comes again and counts once; every
table is what the log amounts to. The phone's work goes through append, acknowledge and all the consumers behind them.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import pytest

from conflict.rules import LessonState
from server.tables import Attempt, LogEntry, Survivor
from sync.client import Replica
from sync.events import Event, Verb
from sync.identity import DeviceKey
from tests.server.school import COURSE, NOW_S, attempt, study
from tests.simulation.checks.replay import Replay
from tests.simulation.machines.lives import Lives, lives
from tests.simulation.machines.phones import Lost, PythonClient
from tests.simulation.machines.server import DATABASE, Server, read_rows

SLICES = 8  # of the operations of one life, each a test, so that they spread over the machine's cores
LEARNER, ORGANISATION = "amina", "school"


class Phones:
    """Two of one learner's phones, and a life's worth of work on them."""

    def __init__(self, keys: list[DeviceKey]) -> None:
        self.clients = [PythonClient(Replica(key, 1)) for key in keys]
        first, second = (client.replica for client in self.clients)
        study(first)
        first.submit(attempt())
        first.happened(COURSE, Event(Verb.PLAYED, "lecture", NOW_S, 120))
        second.reach(COURSE, "page", LessonState.COMPLETED)
        second.submit(attempt(2, right=False))
        self.promised: set[bytes] = set()

    def exchange(self, here: Lives) -> None:
        """Each in turn, and the first again; what is acknowledged on the way is a promise."""
        for client in (*self.clients, self.clients[0]):
            before = client.view().unsent
            try:
                client.exchange(here.carry, lambda: 1000 * NOW_S)
            except Lost:
                return
            self.promised |= before - client.view().unsent


@pytest.fixture(scope="module")
def keys() -> list[DeviceKey]:
    return [DeviceKey.generate() for _ in range(2)]


@pytest.fixture(scope="module")
def blank(keys: list[DeviceKey], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with the school in it, before any exchange."""
    server = Server(tmp_path_factory.mktemp("school"))
    server.found(ORGANISATION)
    server.enrol(ORGANISATION, LEARNER)
    for key in keys:
        server.join(ORGANISATION, LEARNER, key, 1)
    server.stop()
    return (server.folder / DATABASE).read_bytes()


@pytest.fixture(scope="module")
def parent() -> Iterator[Lives]:
    with lives() as here:
        yield here


def folder_with(blank: bytes, folder: Path) -> Path:
    folder.mkdir()
    (folder / DATABASE).write_bytes(blank)
    return folder


def operations_of_a_whole_life(parent: Lives, blank: bytes, keys: list[DeviceKey], folder: Path) -> int:
    parent.begin(folder_with(blank, folder))
    Phones(keys).exchange(parent)
    parent.end()
    assert parent.signal == 0
    return parent.operations


def expect_kept(folder: Path, phones: Phones) -> None:
    connection = sqlite3.connect(folder / DATABASE)
    replay = Replay()
    replay.take(read_rows(connection, LogEntry), {LEARNER: ORGANISATION})
    assert phones.promised <= replay.hashes[LEARNER], "acknowledged, and not there after the kill"
    survivors = {
        (row.learner_id, row.course_id, row.kind, row.key, row.counter, row.actor, row.value_type, row.value)
        for row in read_rows(connection, Survivor)
    }
    assert survivors == replay.survivors()
    assert sorted(row.number for row in read_rows(connection, Attempt)) == [1, 2], "each attempt counts once"
    assert [row.counts for row in read_rows(connection, Attempt, "number = 1")] == [1]
    connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_a_server_killed_before_any_operation_keeps_what_it_promised(
    parent: Lives, blank: bytes, keys: list[DeviceKey], tmp_path: Path, part: int
) -> None:
    count = operations_of_a_whole_life(parent, blank, keys, tmp_path / "whole")
    assert count > 60, "append, acknowledge, grade, project, analyse"
    for operation in range(part, count, SLICES):
        folder = folder_with(blank, tmp_path / str(operation))
        phones = Phones(keys)
        parent.begin(folder, operation)
        phones.exchange(parent)
        parent.end()
        ended_before = parent.operations <= operation  # lives of the same deeds differ by a checkpoint or two
        assert parent.signal == SIGKILL or ended_before, f"operation {operation} of {count}"

        parent.begin(folder)
        phones.exchange(parent)
        parent.end()

        assert all(client.view().is_settled for client in phones.clients)
        expect_kept(folder, phones)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_a_server_killed_before_any_operation_of_packing_its_history_loses_none_of_it(
    parent: Lives, blank: bytes, keys: list[DeviceKey], tmp_path: Path
) -> None:
    lived = folder_with(blank, tmp_path / "lived")
    phones = Phones(keys)
    parent.begin(lived)
    phones.exchange(parent)
    parent.end()
    operation, is_whole = 0, False
    while not is_whole:
        folder = tmp_path / str(operation)
        shutil.copytree(lived, folder)
        parent.begin(folder, operation)
        is_whole = not parent.is_over and parent.compact()
        parent.end()

        expect_kept(folder, phones)
        shutil.rmtree(folder)
        operation += 1
    assert operation > 10, "a segment, its rows without bodies, and what is synced of both"
