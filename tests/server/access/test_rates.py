"""Limits count alike in this process and in Redis, and hold when Redis has gone."""

import pytest

from server.access.rates import Limit, rule
from server.errors import TooManyTries
from tests.services.redis import redis_server

RULES = (rule("3 per minute", 0),)


@pytest.fixture(params=["process", pytest.param("redis", marks=pytest.mark.servers)])
def limit(request: pytest.FixtureRequest) -> Limit:
    url = "" if request.param == "process" else str(request.getfixturevalue("redis_url"))
    return Limit(f"test-{request.node.name}", RULES, url)


def test_the_fourth_try_is_told_how_long_to_wait(limit: Limit) -> None:
    for _ in range(3):
        limit.count("1.2.3.4")
    with pytest.raises(TooManyTries) as refused:
        limit.count("1.2.3.4")
    assert 0 < refused.value.retry_after_seconds <= 60
    limit.count("5.6.7.8")


def test_looking_is_not_counted(limit: Limit) -> None:
    for _ in range(10):
        limit.check("1.2.3.4")


@pytest.mark.servers
def test_without_redis_this_process_counts_for_itself() -> None:
    with redis_server() as url:
        limit = Limit("gone", RULES, url)
        limit.count("1.2.3.4")
    for _ in range(3):
        limit.count("1.2.3.4")
    with pytest.raises(TooManyTries):
        limit.count("1.2.3.4")
