"""A proxy on loopback that passes TCP bytes on, counts them, and can be slow, held, or cut, on demand."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf

CHUNK_BYTES = 16_384
LOOK_SECONDS = 0.01  # between two looks whether what is held may go on


@dataclass
class CountingProxy:
    """Counts are TCP payload, headers included. `bits_per_second` and `delay_seconds` apply to each direction."""

    target_port: int
    bits_per_second: float = 0
    delay_seconds: float = 0
    port: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    connections: int = 0
    hold_after: float = inf  # so many bytes down, nothing more comes down
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    def hold(self, after: int) -> None:
        """So many bytes more come down, less what was read at once with those beyond, and then none until `let_go`."""
        self.hold_after = self.bytes_down + after

    def let_go(self) -> None:
        self.hold_after = inf

    def cut(self) -> None:
        """Drops every connection at once, as a lost signal does; what was held is lost, and nothing is held then."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        self._drop()
        self.let_go()

    def _drop(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, ready: threading.Event, stopped: asyncio.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stopped.wait()
        server.close()
        self.let_go()
        self._drop()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*connections, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, upstream_writer}
        await asyncio.gather(
            self._pass(reader, upstream_writer, up=True), self._pass(upstream_reader, writer, up=False)
        )
        self._open -= {writer, upstream_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                self._count(len(chunk), up=up)
                while not up and self.bytes_down > self.hold_after:
                    await asyncio.sleep(LOOK_SECONDS)
                await asyncio.sleep(self._pause(len(chunk)))
                writer.write(chunk)
                await writer.drain()
        with suppress(OSError):
            writer.close()

    def _count(self, size: int, *, up: bool) -> None:
        if up:
            self.bytes_up += size
        else:
            self.bytes_down += size

    def _pause(self, size: int) -> float:
        return self.delay_seconds + (size * 8 / self.bits_per_second if self.bits_per_second else 0)


@contextmanager
def counting_proxy(
    target_port: int, *, bits_per_second: float = 0, delay_seconds: float = 0
) -> Iterator[CountingProxy]:
    proxy = CountingProxy(target_port, bits_per_second, delay_seconds)
    ready, loop, stopped = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(proxy.serve(ready, stopped)), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
