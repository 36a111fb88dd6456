"""A bad link on loopback: 50 kbit/s for everything that comes down, 300 ms to and fro, and cuts at random bytes.

All connections share the one link, as on a phone. A connection costs a round trip before its first byte passes. Of each
64 KiB of a reply that begin, and so of each reply, one in twenty is cut at a byte drawn from a seed: the same requests
in the same order meet the same cuts. TCP's own behaviour on such a link (slow start, retransmission) is not imitated.
The proxy reads as much HTTP/1.1 as it needs to say which bytes of which object came down.
"""

import asyncio
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BITS_PER_SECOND = 50_000
ROUND_TRIP_SECONDS = 0.3
CUT_CHANCE = 0.05
CUT_BLOCK_BYTES = 64 << 10  # about a segment: cuts come with time, not only with requests
PACKET_BYTES = 1_000
BUFFER_SECONDS = 0.5  # a modem's, of three packets: the link is not idle because this process is late
HEAD_END = b"\r\n\r\n"
REQUEST = re.compile(rb"(?:GET|POST) (\S+) HTTP/1\.1\r\n")
RANGE = re.compile(rb"range: *bytes=(\d+)-", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


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


@dataclass
class BadLink:
    target_port: int
    seed: int
    port: int = 0
    is_bad: bool = False
    """Until it is, bytes pass as they come: for what comes before the measuring."""
    replies: list[Reply] = field(default_factory=list)
    connections: int = 0
    bytes_down: int = 0
    bytes_up: int = 0
    _connections: set[asyncio.Future[None]] = field(default_factory=set)
    _random: random.Random = field(init=False)
    _free_at: float = 0.0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def serve(self, ready: threading.Event, stopped: asyncio.Event) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stopped.wait()
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.ensure_future(self._connection(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        self.connections += 1
        await self._wait(ROUND_TRIP_SECONDS)  # the handshake
        replies: list[Reply] = []
        up = self._up(reader, upstream_writer, replies)
        ways = [asyncio.ensure_future(way) for way in (up, self._down(upstream_reader, writer, replies))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in (writer, upstream_writer):
                end.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _wait(self, seconds: float) -> None:
        if self.is_bad:
            await asyncio.sleep(seconds)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, replies: list[Reply]) -> None:
        """Requests are small beside what they ask for: they only take their time."""
        while chunk := await reader.read(16_384):
            if asked := REQUEST.match(chunk):
                begun = RANGE.search(chunk)
                replies.append(Reply(asked[1].decode(), int(begun[1]) if begun else 0))
            self.bytes_up += len(chunk)
            await self._wait(ROUND_TRIP_SECONDS / 2)
            writer.write(chunk)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, replies: list[Reply]) -> None:
        """Packets wait for the link one after the other, and are then on their way for half a round trip."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.ensure_future(self._deliver(on_the_way, writer, replies))
        try:
            while not delivering.done() and (chunk := await reader.read(PACKET_BYTES)):
                on_the_way.put_nowait((await self._carried(len(chunk)), chunk))
            on_the_way.put_nowait((0.0, b""))
            await delivering
        finally:
            delivering.cancel()

    async def _carried(self, size: int) -> float:
        """Waits until the link's buffer has taken this much; when it arrives."""
        now = asyncio.get_running_loop().time()
        if not self.is_bad:
            return now
        self._free_at = max(now, self._free_at) + size * 8 / BITS_PER_SECOND
        free_at = self._free_at
        await asyncio.sleep(max(0.0, free_at - now - BUFFER_SECONDS))
        return free_at + ROUND_TRIP_SECONDS / 2

    async def _deliver(
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, replies: list[Reply]
    ) -> None:
        with suppress(OSError):
            while (packet := await on_the_way.get())[1]:
                arrives, chunk = packet
                await asyncio.sleep(max(0.0, arrives - asyncio.get_running_loop().time()))
                passed = self._passed(replies[-1], chunk)
                writer.write(chunk[:passed])
                await writer.drain()
                self.bytes_down += passed
                if passed < len(chunk):
                    await asyncio.sleep(0)  # what was written is out before the line is dropped
                    return

    def _passed(self, reply: Reply, chunk: bytes) -> int:
        """How much of these bytes reaches the phone; noted with the reply that they belong to."""
        body = chunk
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
        self.replies.append(reply)
        promised = LENGTH.search(reply.head)
        reply.length = int(promised[1]) if promised else CUT_BLOCK_BYTES
        if b" 206 " not in reply.head[:16]:
            reply.start = 0
        if self.is_bad:
            reply.cut_after = self._cut(reply.length)

    def _cut(self, length: int) -> int | None:
        for start in range(0, length, CUT_BLOCK_BYTES):
            if self._random.random() < CUT_CHANCE:
                return start + self._random.randrange(min(CUT_BLOCK_BYTES, length - start))
        return None


@contextmanager
def bad_link(target_port: int, seed: int) -> Iterator[BadLink]:
    link = BadLink(target_port, seed)
    ready, loop, stopped = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(link.serve(ready, stopped)), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
