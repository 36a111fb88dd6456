"""What of each reply comes over a bad link, and where that cuts it.

HTTP/1.1 is read on its way, as far as it takes to say which bytes of which object came. TLS lets nobody read: there the
phone's own browser is asked, and a cut falls upon whatever was on the connection.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from playwright.sync_api import Page

CUT_CHANCE = 0.05
CUT_BLOCK_BYTES = 64 << 10  # about a segment: cuts come with time, not only with requests
HEAD_END = b"\r\n\r\n"
REQUEST = re.compile(rb"(?:GET|POST) (\S+) HTTP/1\.1\r\n")
RANGE = re.compile(rb"range: *bytes=(\d+)-", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Cut = Callable[[int], int | None]  # of so many bytes, after how many the line is dropped


@dataclass
class Reply:
    """One reply: what of its body reached the phone begins at `start`; `length` is what was promised."""

    path: str
    start: int
    length: int = 0
    delivered: int = 0
    is_cut: bool = False
    cut_after: int | None = None
    head: bytes = b""

    @property
    def end(self) -> int:
        return self.start + self.delivered


def cut_from(seed: random.Random, length: int) -> int | None:
    for start in range(0, length, CUT_BLOCK_BYTES):
        if seed.random() < CUT_CHANCE:
            return start + seed.randrange(min(CUT_BLOCK_BYTES, length - start))
    return None


class Passing(Protocol):
    """One connection's traffic."""

    def asked(self, chunk: bytes) -> None: ...

    def passed(self, chunk: bytes) -> int:
        """How much of these bytes reaches the phone; less than all of them where the line is dropped."""
        ...


class Plain:
    """HTTP/1.1, one reply after the other; each is noted in `replies` as it begins."""

    def __init__(self, replies: list[Reply], cut: Cut) -> None:
        self._replies = replies
        self._cut = cut
        self._reply = Reply("", 0)

    def asked(self, chunk: bytes) -> None:
        if asked := REQUEST.match(chunk):
            begun = RANGE.search(chunk)
            self._reply = Reply(asked[1].decode(), int(begun[1]) if begun else 0)

    def passed(self, chunk: bytes) -> int:
        reply, body = self._reply, chunk
        if HEAD_END not in reply.head:
            before = len(reply.head)
            reply.head += chunk
            at = reply.head.find(HEAD_END)
            if at < 0:
                return len(chunk)
            self._begin(reply)
            body = chunk[at + len(HEAD_END) - before :]
        left = len(body) if reply.cut_after is None else min(len(body), reply.cut_after - reply.delivered)
        reply.is_cut = left < len(body)
        reply.delivered += left
        return len(chunk) - len(body) + left

    def _begin(self, reply: Reply) -> None:
        self._replies.append(reply)
        promised = LENGTH.search(reply.head)
        reply.length = int(promised[1]) if promised else CUT_BLOCK_BYTES
        if b" 206 " not in reply.head[:16]:
            reply.start = 0
        reply.cut_after = self._cut(reply.length)


class Sealed:
    """TLS: bytes that only the two ends can read."""

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._left: int | None = None  # until the line is dropped
        self._drawn = 0  # bytes of which it is known

    def asked(self, chunk: bytes) -> None:
        pass

    def passed(self, chunk: bytes) -> int:
        if self._left is None:
            if self._drawn < len(chunk):
                self._left = self._cut(CUT_BLOCK_BYTES)
                self._drawn += CUT_BLOCK_BYTES
            self._drawn -= len(chunk)
        if self._left is None:
            return len(chunk)
        passed = min(len(chunk), self._left)
        self._left -= passed
        return passed


class Heard:
    """The replies that a page got, as its browser tells: of a body the bytes as they travelled, also before a cut."""

    def __init__(self, page: Page) -> None:
        self.replies: list[Reply] = []
        self.protocols: set[str] = set()
        self._of: dict[str, Reply] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.responseReceived", self._began)
        session.on("Network.dataReceived", self._came)
        session.on("Network.loadingFailed", self._failed)
        session.send("Network.enable")

    def _asked(self, event: dict[str, Any]) -> None:
        request = event["request"]
        begun = RANGE.match(f"range: {request['headers'].get('Range', '')}".encode())
        path = "/" + request["url"].split("/", 3)[3]
        self._of[event["requestId"]] = Reply(path, int(begun[1]) if begun else 0)

    def _began(self, event: dict[str, Any]) -> None:
        reply, response = self._of.get(event["requestId"]), event["response"]
        if reply is None:
            return
        self.protocols.add(response.get("protocol", ""))
        headers = {name.lower(): value for name, value in response["headers"].items()}
        reply.length = int(headers.get("content-length", 0))
        if response["status"] != 206:
            reply.start = 0
        self.replies.append(reply)

    def _came(self, event: dict[str, Any]) -> None:
        if reply := self._of.get(event["requestId"]):
            reply.delivered += event["encodedDataLength"]

    def _failed(self, event: dict[str, Any]) -> None:
        if reply := self._of.get(event["requestId"]):
            reply.is_cut = True
