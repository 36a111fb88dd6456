"""Caddy before our own server, by the very file that docs/deploy.md tells people to copy: TLS and HTTP/2."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import free_port
from tests.services.nginx import START_SECONDS_MAX, Front, self_made_certificate, shipped_for, wait_for

CADDY = "/usr/bin/caddy"
SITE = Path(__file__).parent.parent.parent / "deploy" / "Caddyfile"
# No authority signs for a test: it has a certificate of its own, and nothing listens but the one port.
HERE = """{{
	admin off
	auto_https disable_redirects
	storage file_system {folder}/storage
"""


@contextmanager
def caddy(folder: Path, target_port: int) -> Iterator[Front]:
    """In front of the server at `target_port`."""
    folder.mkdir()
    front = Front(free_port(), folder / "certificate.pem", self_made_certificate(folder))
    (folder / "Caddyfile").write_text(site(folder, front.port, target_port))
    with (folder / "log").open("wb") as log:
        run = [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
        process = subprocess.Popen(run, stderr=log, env={**os.environ, "HOME": str(folder)})
    try:
        wait_for(front, process, folder / "log")
        yield front
    finally:
        process.terminate()
        process.wait(START_SECONDS_MAX)


def site(folder: Path, port: int, target_port: int) -> str:
    """The file as it is shipped, with a test's ports and certificate."""
    certificate = f"tls {folder}/certificate.pem {folder}/key.pem"
    return shipped_for(
        SITE,
        ("\n{\n", "\n" + HERE.format(folder=folder)),
        ("learn.example.org {\n", f"https://localhost:{port} {{\n\tbind 127.0.0.1\n\t{certificate}\n"),
        ("127.0.0.1:8000", f"127.0.0.1:{target_port}"),
    )
