"""Requests to every route that the server describes: nearly honest ones, and others; and what no answer may be.

Each is made from the description that the server itself gives (OpenAPI 3.1): parameters and bodies by their schemas,
names of what is really there, and now and then something else in the place of any of them. A seed gives the same
requests each time.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.fuzz.bodies import Bodies
from tests.fuzz.door import mutated
from tests.fuzz.site import Site

REPLY_BYTES_MAX = 4 << 20
CPU_SECONDS_MAX = 10.0  # of this process, for one request: a thousand times what most take
DEEP = 2_000  # brackets
WORDS = (
    "",
    "0",
    "-1",
    "1",
    "x",
    "small",
    "exam",
    "en",
    "*",
    '"',
    "%",
    "' OR 1=1 --",
    "NEAR(",
    "../../etc/passwd",
    "null",
)
LONG = ("9" * 400, "a" * 5_000, "1e999", "NaN", "Infinity", str(2**63), str(2**64), "2026-11-20T00:00:00Z")
STRANGE = ("\0", "a\0b", "\ufeff", "é", "水😀", "\u202e", "\r\n", "e\u0301" * 50, "İ")
NO_TEXT = ("%ff%fe", "%ed%a0%80", "%00", "%2e%2e%2f", "%", "%zz")  # of an address alone: no UTF-8, or no escape
NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63), 10**400, 0.5, -0.0, 1e308)
SURROGATE = "\ud800"
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"": ""}, SURROGATE, *WORDS, *LONG, *STRANGE, *NUMBERS)
HEADERS: dict[str, tuple[str, ...]] = {
    "content-type": ("application/json", "text/plain", "application/json; charset=utf-16", "", "multipart/form-data"),
    "accept": ("*/*", "text/html", "application/json;q=0"),
    "accept-encoding": ("br", "gzip;q=0, *", "identity", "x" * 500),
    "accept-language": ("ar", "*;q=2", "x" * 500),
    "content-length": ("abc", "-1", "99999999999999999999", "1e3"),
    "cookie": ("tiffin_session=", "tiffin_session=x.y.z", "tiffin_session=" + "A" * 3_000, ";;=;"),
    "authorization": ("Basic", "Basic !!!", "Basic YTpi", "Basic AGE6Yg==", "Basic /////w==", "Bearer x"),
    "if-none-match": ("*", '"x"', 'W/"', "x" * 500),
    "if-range": ('"x"', "Thu, 01 Jan 1970 00:00:00 GMT"),
    "origin": ("http://elsewhere.test", "null", "http://[", ""),
    "host": ("elsewhere.test", "[::1", ""),
    "range": (
        "bytes=0-0",
        "bytes=5-1",
        "bytes=-99999999999999999999",
        "bytes=x-y",
        "bytes=0-1,5-6",
        "bytes=" + "9" * 400 + "-",
    ),
    "x-experience-api-version": ("1.0.3", "2.0.0", "1.0" + "x" * 500),
    "x-forwarded-for": ("1.2.3.4", "x" * 500),
}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
OCTETS, JSON, PROBLEM = "application/octet-stream", "application/json", "application/problem+json"
SLOW_TO_CHECK = "/v1/sign-in"  # a password takes 50 ms on purpose
SLOW_SHARE = 0.2
Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the server describes it."""

    method: str
    path: str
    described: Schema

    @property
    def body(self) -> tuple[str, Schema] | None:
        for kind, content in self.described.get("requestBody", {}).get("content", {}).items():
            return kind, content.get("schema", {})
        return None


@dataclass(frozen=True)
class Call:
    """A request as it goes out."""

    operation: Operation
    method: str
    url: str
    headers: dict[str, bytes]
    content: bytes


def operations(description: Schema) -> list[Operation]:
    return [
        Operation(method.upper(), path, described)
        for path, methods in description["paths"].items()
        for method, described in methods.items()
        if path.startswith("/v1/")
    ]


@dataclass
class Caller:
    """Makes requests to one site, each from what is there and from chance."""

    site: Site
    rng: random.Random

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.site, self.rng, OTHERS)

    def calls(self) -> Iterator[Call]:
        """Without end, to every operation in turn."""
        there = operations(self.site.description)
        while True:
            for operation in self.rng.sample(there, len(there)):
                if operation.path != SLOW_TO_CHECK or self.rng.random() < SLOW_SHARE:
                    yield self.call(operation)

    def call(self, operation: Operation) -> Call:
        content, headers = self._content(operation)
        role = self.rng.choice(("administrator", "administrator", "administrator", "trainer", "stranger"))
        headers["cookie"] = self.site.cookies[role].encode()
        while self.rng.random() < 0.15:
            name = self.rng.choice(list(HEADERS))
            headers[name] = self.rng.choice(HEADERS[name]).encode()
        method = self.rng.choice(METHODS) if self.rng.random() < 0.03 else operation.method
        return Call(operation, method, self._url(operation), headers, content)

    def _url(self, operation: Operation) -> str:
        url, asked = operation.path, []
        for parameter in operation.described.get("parameters", ()):
            name = parameter["name"]
            if parameter["in"] == "path":
                url = url.replace("{" + name + "}", self._named(name) or "-")
            elif parameter["in"] == "query" and (parameter.get("required") or self.rng.random() < 0.4):
                asked.append(f"{name}={self._asked(name, parameter['schema'])}")
        if self.rng.random() < 0.05:
            asked.append(f"{self._word()}={self._word()}")
        return url + ("?" + "&".join(asked) if asked else "")

    def _named(self, name: str) -> str:
        """One of those that are there, for the most part."""
        known = self.site.names.get(name)
        return quote(self.rng.choice(known)) if known and self.rng.random() < 0.8 else self._word()

    def _asked(self, name: str, schema: Schema) -> str:
        if self.rng.random() < 0.3:
            return self._word()
        known = self.site.names.get(name)
        value = self.rng.choice(known) if known else self._value(schema)
        return quote(str(value), errors="replace", safe="")

    def _word(self) -> str:
        if self.rng.random() < 0.2:
            return self.rng.choice(NO_TEXT)
        return quote(self.rng.choice(WORDS + LONG + STRANGE), safe="")

    def _content(self, operation: Operation) -> tuple[bytes, dict[str, bytes]]:
        if made := self.bodies.of(operation.path):
            return made[0], {"content-type": OCTETS.encode(), **made[1]}
        if operation.body is None:
            return (self.rng.randbytes(20), {}) if self.rng.random() < 0.05 else (b"", {})
        kind, schema = operation.body
        headers = {"content-type": kind.encode()}
        if kind == JSON:
            return self._json(schema), headers
        return self.rng.randbytes(self.rng.choice((0, 1, 100, 10_000))), headers

    def _json(self, schema: Schema) -> bytes:
        if self.rng.random() < 0.05:
            return self.rng.choice((b"[" * DEEP, b'{"a":' * DEEP, b"", b"\xff", b'{"a":1,"a":2}', b"NaN", b"1" * 5_000))
        body = json.dumps(self._value(schema)).encode()
        return mutated(self.rng, body) if self.rng.random() < 0.1 else body

    def _value(self, schema: Schema) -> Any:
        """What fits a schema, or now and then does not."""
        if self.rng.random() < 0.12:
            return self.rng.choice(OTHERS)
        schema = self._resolved(schema)
        if examples := schema.get("examples"):
            return self.rng.choice(examples)
        if choices := schema.get("enum"):
            return self.rng.choice(choices)
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return [self._value(schema.get("items", {})) for _ in range(self.rng.choice((0, 1, 2, 70)))]
            case "integer" | "number":
                return self.rng.choice((0, 1, 2, 50, 1_000, *NUMBERS))
            case "boolean":
                return self.rng.random() < 0.5
            case _:
                return self.rng.choice((*WORDS, *STRANGE, *self._all_names()))

    def _object(self, schema: Schema) -> Schema:
        made = {name: self._member(name, one) for name, one in schema.get("properties", {}).items()}
        made = {name: value for name, value in made.items() if self.rng.random() < 0.9}
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            made |= {self.rng.choice(WORDS + STRANGE): self._value(others)}
        return made

    def _member(self, name: str, schema: Schema) -> Any:
        """By its name one of those that are there, or what its schema says."""
        known = self.site.names.get(name) or self.site.names.get(name.removesuffix("s"))
        if not known or self.rng.random() < 0.2:
            return self._value(schema)
        one = self.rng.choice(known)
        return [one] if name.endswith("s") else one

    def _resolved(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return self._resolved(self.site.description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        if "anyOf" in schema:
            return self._resolved(self.rng.choice(schema["anyOf"]))
        return schema

    def _all_names(self) -> list[str]:
        return [name for names in self.site.names.values() for name in names]


class Broken(AssertionError):
    """An answer that no request may get."""


def made(site: Site, call: Call) -> httpx.Response:
    """The answer. Raises `Broken` for one that tells of a fault of the server's own, or none that a caller can read."""
    site.client.cookies.clear()
    began = time.process_time()
    try:
        answer = site.client.request(call.method, call.url, headers=list(call.headers.items()), content=call.content)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise Broken(f"an answer that nobody can read: {error!r}") from error
    took = time.process_time() - began
    if answer.status_code >= 500:
        raise Broken(f"{answer.status_code}: {answer.text[:200]}")
    if answer.status_code >= 400 and call.method != "HEAD":
        _check_problem(answer)
    if len(answer.content) > REPLY_BYTES_MAX or took > CPU_SECONDS_MAX:
        raise Broken(f"{len(answer.content)} bytes after {took:.1f} s of CPU")
    return answer


def _check_problem(answer: httpx.Response) -> None:
    if answer.headers.get("content-type") != PROBLEM:
        raise Broken(f"{answer.status_code} is no problem: {answer.headers} {answer.text[:200]}")
    problem = answer.json()
    if problem["status"] != answer.status_code or not all(problem[name] for name in ("title", "code", "detail")):
        raise Broken(f"a problem that does not say what to do: {problem}")
