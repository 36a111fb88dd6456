"""A bad link on loopback: 50 kbit/s for everything that comes down, 300 ms to and fro, and cuts at random bytes.

All connections share the one link, as on a phone. A connection costs a round trip before its first byte passes. Of each
64 KiB of a reply that begin, and so of each reply, one in twenty is cut at a byte drawn from a seed: the same requests
in the same order meet the same cuts. Where TLS seals them it is one in twenty of each 64 KiB of a connection, and it
ends all that is on it. TCP's own behaviour on such a link (slow start, retransmission) is not imitated.
"""

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from benchmarks.replies import Passing, Plain, Reply, Sealed, cut_from

BITS_PER_SECOND = 50_000
ROUND_TRIP_SECONDS = 0.3
PACKET_BYTES = 1_000
AHEAD_BYTES = 16 << 10  # what the server may have sent on: a window as such a link has it, not loopback's megabytes
BUFFER_SECONDS = 0.5  # a modem's, of three packets: the link is not idle because this process is late


@dataclass
class BadLink:
    target_port: int
    seed: int
    port: int = 0
    is_sealed: bool = False
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
        server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
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
        upstream_reader, upstream_writer = await open_narrow(self.target_port)
        self.connections += 1
        await self._wait(ROUND_TRIP_SECONDS)  # the handshake
        passing: Passing = Sealed(self._cut) if self.is_sealed else Plain(self.replies, self._cut)
        up = self._up(reader, upstream_writer, passing)
        ways = [asyncio.ensure_future(way) for way in (up, self._down(upstream_reader, writer, passing))]
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

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: Passing) -> None:
        """Requests are small beside what they ask for: they only take their time."""
        while chunk := await reader.read(16_384):
            passing.asked(chunk)
            self.bytes_up += len(chunk)
            await self._wait(ROUND_TRIP_SECONDS / 2)
            writer.write(chunk)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passing: Passing) -> None:
        """Packets wait for the link one after the other, and are then on their way for half a round trip."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.ensure_future(self._deliver(on_the_way, writer, passing))
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
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, passing: Passing
    ) -> None:
        with suppress(OSError):
            while (packet := await on_the_way.get())[1]:
                arrives, chunk = packet
                await asyncio.sleep(max(0.0, arrives - asyncio.get_running_loop().time()))
                passed = passing.passed(chunk)
                writer.write(chunk[:passed])
                await writer.drain()
                self.bytes_down += passed
                if passed < len(chunk):
                    await asyncio.sleep(0)  # what was written is out before the line is dropped
                    return

    def _cut(self, length: int) -> int | None:
        return cut_from(self._random, length) if self.is_bad else None


async def open_narrow(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server that takes in little before it was passed on."""
    inside = socket.socket()
    inside.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, AHEAD_BYTES)
    inside.setblocking(False)
    await asyncio.get_running_loop().sock_connect(inside, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=inside, limit=AHEAD_BYTES)


@contextmanager
def bad_link(target_port: int, seed: int, *, is_sealed: bool = False, port: int = 0) -> Iterator[BadLink]:
    link = BadLink(target_port, seed, port, is_sealed)
    ready, loop, stopped = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(link.serve(ready, stopped)), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
