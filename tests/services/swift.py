"""OpenStack Swift from the distribution's packages, through its S3: the nearest real server to a provider's bucket.

It keeps extended attributes on its files: the temporary folder must be on a file system that has them (ext4, XFS,
Btrfs, and tmpfs and overlay of Linux 6.6 and later). It knows no conditional writes (501): those are moto's to show.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.running import START_SECONDS_MAX
from tests.services.ports import free_port

PYTHON = "/usr/bin/python3"  # the distribution's own: it alone has Swift
SECRET = "testing"
ACCESS = {"AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def swift_server(folder: Path) -> Iterator[str]:
    """Its address; who it lets in is `ACCESS`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [PYTHON, "-I", Path(__file__).with_name("swift_process.py"), folder, str(port), SECRET]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not answers(url):
            assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=START_SECONDS_MAX).status_code < 500
    except httpx.TransportError:
        return False
