"""A crowd's connections are open files: the server asks the system for as many as it needs."""

import resource
from collections.abc import Iterator

import pytest

from server.cli.serving import make_room_for_connections

FEW = 512


@pytest.fixture
def hard_limit() -> Iterator[int]:
    """The process may open few files, and could ask for so many."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_it_asks_for_more_where_there_are_few(hard_limit: int) -> None:
    make_room_for_connections(FEW + 100)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (FEW + 100, hard_limit)


def test_it_never_asks_for_less(hard_limit: int) -> None:
    make_room_for_connections(FEW - 100)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (FEW, hard_limit)


def test_it_takes_what_the_system_lets_it_have(hard_limit: int) -> None:
    make_room_for_connections(hard_limit + 1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard_limit, hard_limit)
