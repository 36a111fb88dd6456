"""Redis from the distribution's package, without anything kept on the disk."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.running import START_SECONDS_MAX
from tests.services.ports import free_port


@contextmanager
def redis_server() -> Iterator[str]:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        client = redis.Redis(port=port)
        while not _answers(client):
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.05)
        client.close()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
