"""A whole server in this process, with a course, people, phones and their work: what is there to be asked for.

The same application that `tiffin serve` runs, called without a socket between. It is filled through its own commands
and its own routes; no clock and no table is touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from typer.testing import CliRunner

from conflict.rules import LessonState
from server.access.sessions import COOKIE
from server.cli import app as commands
from server.composition import application
from server.settings import Settings
from sync.client import Replica
from sync.client.transport import exchange, join
from sync.submissions import Submission
from tests.offline_bundles.courses import course_folder
from tests.server.clock import now_ms

URL = "http://tiffin.test"
PASSWORD = "four plain words here"
COURSE = "small"
NOW_S = 1_790_000_000
PEOPLE = {"ada": "administrator", "grace": "trainer"}
Names = dict[str, list[str]]


class InProcess(httpx.BaseTransport):
    """Calls an application that runs on the portal's loop; a fault of its own comes out as its answer."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._asgi = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([chunk async for chunk in answer.stream])  # as it is: the caller undoes what encodes it
        return httpx.Response(answer.status_code, headers=answer.headers.raw, stream=httpx.ByteStream(body))


@dataclass
class Site:
    """`names`: of each sort of thing those that are there, by the name of the parameter that asks for one; `cookies`:
    by role, and none for a stranger; `phone` and `witness` have joined, the second known to nobody who makes up
    requests."""

    client: httpx.Client
    description: dict[str, Any]
    cookies: dict[str, str]
    names: Names
    phone: Replica
    witness: Replica


@contextmanager
def site(folder: Path, database_url: str = "") -> Iterator[Site]:
    settings = Settings(home=folder / "home", public_url=URL, database_url=database_url)
    for name, role in PEOPLE.items():
        _run(settings, "account", "add", name, "--role", role, "--password", PASSWORD)
    _run(settings, "pack", str(course_folder(folder / "course")))
    _run(settings, "publish", COURSE, "1")
    app = application(settings)
    with _client(app) as (client, portal):
        cookies = {role: _signed_in(client, name) for name, role in PEOPLE.items()} | {"stranger": ""}
        phone, witness = _studied(client, cookies["trainer"])
        portal.call(app.state.parts.exchange.settled)
        names = _names(client, cookies["administrator"])
        names["device"].remove(witness.key.device.hex())
        yield Site(client, app.openapi(), cookies, names, phone, witness)


@contextmanager
def _client(app: FastAPI) -> Iterator[tuple[httpx.Client, BlockingPortal]]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        httpx.Client(transport=InProcess(app, portal), base_url=URL, headers={"origin": URL}) as client,
    ):
        yield client, portal


def _run(settings: Settings, *words: str) -> None:
    here = {"TIFFIN_HOME": str(settings.home), "TIFFIN_DATABASE_URL": settings.database_url, "TIFFIN_PUBLIC_URL": URL}
    done = CliRunner().invoke(commands, words, env=here)
    assert done.exit_code == 0, done.output


def _signed_in(client: httpx.Client, name: str) -> str:
    client.post("/v1/sign-in", json={"name": name, "password": PASSWORD}).raise_for_status()
    cookie = client.cookies[COOKIE]
    client.cookies.clear()
    return f"{COOKIE}={cookie}"


def _studied(client: httpx.Client, cookie: str) -> list[Replica]:
    """Two phones of one learner, which wrote two notes under one name and handed an attempt in."""
    new = {"name": "Amina", "language": "en", "courses": [COURSE]}
    asked = client.post("/v1/learners", json=new, headers={"cookie": cookie}).raise_for_status().json()
    again = client.post(f"/v1/learners/{asked['learner']['id']}/join-codes", headers={"cookie": cookie})
    codes = [asked["invitation"]["code"], again.raise_for_status().json()["code"]]
    phones = [join(client, code, "a phone") for code in codes]
    for place, phone in enumerate(phones):
        phone.note(COURSE, "page", "n1", f"written on phone {place}")
        phone.reach(COURSE, "page", LessonState.COMPLETED)
        phone.submit(Submission(COURSE, "exam", 1, 1, NOW_S, NOW_S + 60, {"q1": "a", "q2": "37.5"}))
        exchange(client, phone, now_ms())
    return phones


def _names(client: httpx.Client, cookie: str) -> Names:
    """What the lists tell of."""

    def asked(path: str) -> Any:
        return client.get(path, headers={"cookie": cookie}).raise_for_status().json()

    learner = asked("/v1/learners")["items"][0]["id"]
    return {
        "learner": [learner],
        "course": [COURSE],
        "number": ["1", "2"],
        "quiz": ["exam"],
        "device": [row["id"] for row in asked("/v1/devices")["items"]],
        "conflict": [str(row["id"]) for row in asked("/v1/conflicts")["items"]],
        "attempt": _members(asked(f"/v1/learners/{learner}"), "hash"),
        "root": _members(asked("/v1/courses"), "root"),
    }


def _members(value: Any, name: str) -> list[str]:
    """Every member of this name, however deep."""
    if isinstance(value, list):
        return [found for one in value for found in _members(one, name)]
    if not isinstance(value, dict):
        return []
    return [str(one) for key, one in value.items() if key == name] + _members(list(value.values()), name)
