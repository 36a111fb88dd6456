"""The least that an exchange over HTTP costs on this machine at this moment: FastAPI and uvicorn take the same bytes,
hash them and answer. Nothing is read, proven or stored. Machines differ and this one changes: what the server takes
is to be held against this, which the same clients asked in the same minute.

`python -m benchmarks.yardstick PORT` serves it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response

from tests.running import START_SECONDS_MAX, STOP_SECONDS_MAX
from tests.services.ports import free_port

REPLY_BYTES = 90  # what the server's reply to a week has, all but its head


def application() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/exchange")
    async def exchange(request: Request) -> Response:
        digest = sha256(await request.body()).digest()
        return Response(digest * (REPLY_BYTES // len(digest)), media_type="application/octet-stream")

    return app


@contextmanager
def yardstick() -> Iterator[tuple[int, int]]:
    """Its process number and its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.yardstick", str(port)])
    try:
        _wait(port)
        yield process.pid, port
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS_MAX)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            httpx.post(f"http://127.0.0.1:{port}/v1/exchange").raise_for_status()
            return
        time.sleep(0.1)
    raise TimeoutError("the yardstick did not start")


if __name__ == "__main__":
    uvicorn.run(application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
