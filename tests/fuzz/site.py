"""A whole server in this process, with a course, people, phones and their work: what is there to be asked for.

The same application that `tiffin serve` runs, called without a socket between. It is filled through its own commands
and its own routes; no clock and no table is touched.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from PIL import Image
from typer.testing import CliRunner

from conflict.rules import LessonState
from server.access.sessions import COOKIE
from server.cli.listing import command_line
from server.hubs import signing
from server.running import application
from server.settings import Settings
from sync.client import Replica
from sync.client.transport import exchange, join
from sync.identity import DeviceKey
from sync.submissions import Submission
from tests.offline_bundles.courses import course_folder
from tests.server.clock import now_ms

URL = "http://tiffin.test"
PASSWORD = "four plain words here"
COURSE = "small"
NOW_S = 1_790_000_000
PEOPLE = {"ada": "administrator", "grace": "trainer"}
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")
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
    requests. `pictures`: what an attempt of the phone is answered with; `code`: a learner's, still good; `hub` has
    joined too, and nobody knows its name but who brings its requests."""

    client: httpx.Client
    description: dict[str, Any]
    cookies: dict[str, str]
    names: Names
    phone: Replica
    witness: Replica
    pictures: tuple[bytes, ...]
    code: str
    epoch: str
    hub: str
    hub_key: DeviceKey


@contextmanager
def site(folder: Path, database_url: str = "") -> Iterator[Site]:
    settings = Settings(home=folder / "home", public_url=URL, database_url=database_url)
    for name, role in PEOPLE.items():
        _run(settings, "account", "add", name, "--role", role, "--password", PASSWORD)
    _run(settings, "pack", str(course_folder(folder / "course")))
    _run(settings, "publish", COURSE, "1")
    hub_codes = [CODE.findall(_run(settings, "hub", "add", name))[-1] for name in ("Laptop", "Lost")]
    app = application(settings)
    with _client(app) as (client, portal):
        cookies = {role: _signed_in(client, name) for name, role in PEOPLE.items()} | {"stranger": ""}
        phone, witness, code = _studied(client, cookies["trainer"])
        pictures = _photographed(client, phone)
        portal.call(app.state.parts.exchange.settled)
        hub_key = DeviceKey.generate()
        hubs = [
            _joined_hub(client, code, key) for code, key in zip(hub_codes, (hub_key, DeviceKey.generate()), strict=True)
        ]
        names = _names(client, cookies["administrator"])
        for phone_in_use in (phone, witness):  # one that is revoked has nothing more to say
            names["device"].remove(phone_in_use.key.device.hex())
        names |= {
            "hub": hubs[1:],
            "digest": [sha256(one).hexdigest() for one in pictures],
            "pack": [_stopped_pack(client, cookies["trainer"])],
        }
        epoch = app.state.parts.exchange.epoch.hex()
        yield Site(client, app.openapi(), cookies, names, phone, witness, pictures, code, epoch, hubs[0], hub_key)


@contextmanager
def _client(app: FastAPI) -> Iterator[tuple[httpx.Client, BlockingPortal]]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        httpx.Client(transport=InProcess(app, portal), base_url=URL, headers={"origin": URL}) as client,
    ):
        yield client, portal


def _run(settings: Settings, *words: str) -> str:
    here = {"TIFFIN_HOME": str(settings.home), "TIFFIN_DATABASE_URL": settings.database_url, "TIFFIN_PUBLIC_URL": URL}
    done = CliRunner().invoke(command_line(called=words), words, env=here)
    assert done.exit_code == 0, done.output
    return done.output


def _signed_in(client: httpx.Client, name: str) -> str:
    client.post("/v1/sign-in", json={"name": name, "password": PASSWORD}).raise_for_status()
    cookie = client.cookies[COOKIE]
    client.cookies.clear()
    return f"{COOKIE}={cookie}"


def _studied(client: httpx.Client, cookie: str) -> tuple[Replica, Replica, str]:
    """Of a learner's three phones, which wrote notes under one name and handed attempts in, two; and a code of hers."""
    new = {"name": "Amina", "language": "en", "courses": [COURSE]}
    asked = client.post("/v1/learners", json=new, headers={"cookie": cookie}).raise_for_status().json()
    path = f"/v1/learners/{asked['learner']['id']}/join-codes"
    codes = [client.post(path, headers={"cookie": cookie}).raise_for_status().json()["code"] for _ in range(3)]
    phones = [join(client, code, "a phone") for code in (asked["invitation"]["code"], *codes[:2])]
    for place, phone in enumerate(phones):
        phone.note(COURSE, "page", "n1", f"written on phone {place}")
        phone.reach(COURSE, "page", LessonState.COMPLETED)
        phone.submit(Submission(COURSE, "exam", 1, 1, NOW_S, NOW_S + 60, {"q1": "a", "q2": "37.5"}))
        exchange(client, phone, now_ms())
    return phones[0], phones[1], codes[2]


def _photographed(client: httpx.Client, phone: Replica) -> tuple[bytes, ...]:
    """An attempt that is answered with a photograph of several pieces, one that is cut, and what is none."""
    written = io.BytesIO()
    Image.effect_noise((300, 200), 60).convert("RGB").save(written, "PNG")
    whole = written.getvalue()
    pictures = (whole, whole[:-100], b"<svg/>")
    answers = {f"q{place}": sha256(one).hexdigest() for place, one in enumerate(pictures)}
    phone.submit(Submission(COURSE, "exam", 1, 2, NOW_S, NOW_S + 60, answers))
    exchange(client, phone, now_ms())
    return pictures


def _joined_hub(client: httpx.Client, code: str, key: DeviceKey) -> str:
    proof = key.sign(signing.join_statement(code.replace("-", "")))
    told = {"code": code, "public_key": key.public_key.hex(), "proof": proof.hex()}
    return str(client.post("/v1/hub/join", json=told).raise_for_status().json()["hub"])


def _stopped_pack(client: httpx.Client, cookie: str) -> str:
    """One that was asked for and is not to be done."""
    headers = {"cookie": cookie}
    asked = client.post(f"/v1/courses/{COURSE}/packs", json={}, headers=headers).raise_for_status().json()["id"]
    client.post(f"/v1/courses/{COURSE}/packs/{asked}/stop", headers=headers).raise_for_status()
    return str(asked)


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
