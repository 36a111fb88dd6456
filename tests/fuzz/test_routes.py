"""Every route bears what is thrown at it, and the server is as well afterwards as before."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from sync.client.transport import exchange
from tests.fuzz.bodies import ASKED_BY_HUBS
from tests.fuzz.routes import Caller, made, operations
from tests.fuzz.site import COURSE, PASSWORD, Site, site
from tests.server.clock import now_ms

SIGNED = ("/v1/exchange", "/v1/carried", "/v1/pictures", *(f"/v1/hub/{name}" for name in ASKED_BY_HUBS))
CALLS = 400
SEED = 7


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    with site(tmp_path, url) as opened:
        yield opened


def test_no_request_gets_a_fault_or_an_answer_that_says_nothing(here: Site) -> None:
    """Each route several times; many get what was asked for, so the requests are near the mark."""
    answered: Counter[str] = Counter()
    for place, call in enumerate(islice(Caller(here, Random(SEED)).calls(), CALLS)):
        try:
            answered[call.operation.path] += made(here, call).is_success
        except Exception as error:
            raise AssertionError(f"call {place} of seed {SEED}: {call}") from error

    assert len(operations(here.description)) * 3 < CALLS
    assert answered.total() > CALLS / 10
    assert sum(answered[path] for path in SIGNED) > len(SIGNED)
    here.witness.note(COURSE, "page", "n2", "still here")
    assert exchange(here.client, here.witness, now_ms()).verdicts == ()
    nobody = here.client.post("/v1/sign-in", json={"name": "ada\0", "password": PASSWORD})  # rarely made by chance
    assert nobody.json()["code"] in ("wrong_password", "too_many_tries")
