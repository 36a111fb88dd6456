"""The server above this hub, asked over HTTP."""

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import httpx
from pydantic import ValidationError

from server.errors import UpstreamRefuses, UpstreamUnreachable, UpstreamUnreadable
from server.hubs import signing
from server.hubs.asking import ways
from server.people.inviting import normal
from server.pictures import Held
from server.shapes.hubs import (
    Answers,
    CargoAnswers,
    CarriedAdditions,
    CarriedJoins,
    EntriesAsked,
    HubJoined,
    RegistryAsked,
)
from server.shapes.pictures import PictureHeld
from sync.carried import Kind, write_carried
from sync.identity import DeviceKey

TIMEOUT_SECONDS = 90.0  # a batch at 50 kbit/s takes forty
TOLD_BYTES_MAX = 64 << 20  # of one answer, inflated: the registry of 50,000 learners
OBJECT_HELD_BYTES = 8 << 20  # of an object in memory; what is larger comes by way of the disk
OBJECT_TRIES_MAX = 5  # of one object in one round: the next round goes on with what is missing
PROBLEM_CHARACTERS_MAX = 300
NOT_TAKEN = (400, 401, 403, 404, 413, 429)  # of one picture now: its attempt is not known there, it is too much, …
OF_A_PROXY = (502, 503, 504)  # where it says so itself, and not in our words: it does not reach what it stands before
_ASKING: dict[str, Any] = {"timeout": TIMEOUT_SECONDS, "follow_redirects": True}


class UpstreamServer:
    """`hub_id` is empty until this hub has joined."""

    def __init__(self, client: httpx.Client, key: DeviceKey, hub_id: str = "") -> None:
        self._client = client
        self._key = key
        self._hub_id = hub_id

    def join(self, code: str) -> HubJoined:
        plain = normal(code)
        proof = self._key.sign(signing.join_statement(plain))
        body = {"code": plain, "public_key": self._key.public_key.hex(), "proof": proof.hex()}
        response = _checked(self._send("POST", "/v1/hub/join", json=body))
        try:
            return HubJoined.model_validate_json(response.content)
        except ValidationError as error:
            raise UpstreamUnreadable(ways.is_no_tiffin(response.url)) from error

    def registry(self, have: dict[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = self._told("/v1/hub/registry", RegistryAsked(have=have).model_dump_json().encode())
        return told

    def entries(self, asked: EntriesAsked) -> dict[str, Any]:
        told: dict[str, Any] = self._told("/v1/hub/entries", asked.model_dump_json(exclude_defaults=True).encode())
        return told

    def additions(self, additions: CarriedAdditions) -> Answers:
        return Answers.model_validate(self._told("/v1/hub/additions", additions.model_dump_json().encode()))

    def joins(self, joins: CarriedJoins) -> Answers:
        return Answers.model_validate(self._told("/v1/hub/joins", joins.model_dump_json().encode()))

    def cargo(self, parts: Sequence[bytes]) -> CargoAnswers:
        return CargoAnswers.model_validate(self._told("/v1/hub/cargo", write_carried(Kind.REQUESTS, parts)))

    def picture(self, piece: bytes) -> Held | None:
        """Hands a piece of a photograph on, as its phone signed it; None where it is not taken now."""
        response = self._send("POST", "/v1/pictures", content=piece)
        if response.status_code in NOT_TAKEN:
            return None
        told = PictureHeld.model_validate(_checked(response).json())
        return Held(told.held, told.state)

    @contextmanager
    def fetched(self, digest: str) -> Iterator[IO[bytes]]:
        """An object as it came; whoever takes it checks that it is what its name says."""
        with SpooledTemporaryFile(OBJECT_HELD_BYTES) as file:
            for chunk in self._chunks(digest):
                file.write(chunk)
            file.seek(0)
            yield file

    def _chunks(self, digest: str) -> Iterator[bytes]:
        """Goes on from where a broken link left off."""
        at = 0
        for tries_left in reversed(range(OBJECT_TRIES_MAX)):
            headers = {"accept-encoding": "identity", **({"range": f"bytes={at}-"} if at else {})}
            try:
                with self._client.stream("GET", f"/v1/objects/{digest}", headers=headers, **_ASKING) as response:
                    for chunk in _checked(response).iter_bytes():
                        at += len(chunk)
                        yield chunk
                    return
            except httpx.TransportError as error:
                if not tries_left:
                    raise UpstreamUnreachable(ways.in_words(error, self._client.base_url)) from error

    def _told(self, path: str, body: bytes) -> Any:
        headers = signing.headers(self._hub_id, self._key, path, body)
        return json.loads(_inflated(_checked(self._send("POST", path, content=body, headers=headers))))

    def _send(self, method: str, path: str, **asked: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **_ASKING, **asked)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise UpstreamUnreachable(ways.in_words(error, self._client.base_url)) from error


def packed(told: Any) -> bytes:
    """An answer to a hub: JSON, deflated, since hubs hang on thin links."""
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)


def _inflated(response: httpx.Response) -> bytes:
    stream = zlib.decompressobj()
    try:
        told = stream.decompress(response.content, TOLD_BYTES_MAX)
    except zlib.error as error:
        raise UpstreamUnreadable(ways.is_no_tiffin(response.url)) from error
    if not stream.eof:
        raise UpstreamUnreadable(
            f"The upstream's answer is cut, or has more than {TOLD_BYTES_MAX >> 20} MB. Try again."
        )
    return told


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        told = json.loads(response.read())
        code, detail = (str(told[name])[:PROBLEM_CHARACTERS_MAX] for name in ("code", "detail"))
    except (ValueError, KeyError, TypeError) as error:
        if response.status_code in OF_A_PROXY:
            raise UpstreamUnreachable(ways.stands_before(response.url, response.status_code)) from error
        raise UpstreamUnreadable(ways.is_no_tiffin(response.url)) from error
    raise UpstreamRefuses(response.status_code, code, detail)
