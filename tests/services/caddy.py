"""Caddy before our own server, by the very file that docs/deploy.md tells people to copy: TLS and HTTP/2."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.front import DEPLOY, Front, front_in, shipped_for, started

CADDY = "/usr/bin/caddy"
SITE = DEPLOY / "Caddyfile"
# No authority signs for a test: it has a certificate of its own, and nothing listens but the one port.
HERE = """{{
	admin off
	auto_https disable_redirects
	storage file_system {folder}/storage
"""


@contextmanager
def caddy(folder: Path, target_port: int) -> Iterator[Front]:
    """In front of the server at `target_port`."""
    front = front_in(folder)
    (folder / "Caddyfile").write_text(site(folder, front.port, target_port))
    run = [CADDY, "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    with started(front, run, folder / "log", {**os.environ, "HOME": str(folder)}):
        yield front


def site(folder: Path, port: int, target_port: int) -> str:
    """The file as it is shipped, with a test's ports and certificate."""
    certificate = f"tls {folder}/certificate.pem {folder}/key.pem"
    return shipped_for(
        SITE,
        ("\n{\n", "\n" + HERE.format(folder=folder)),
        ("learn.example.org {\n", f"https://localhost:{port} {{\n\tbind 127.0.0.1\n\t{certificate}\n"),
        ("127.0.0.1:8000", f"127.0.0.1:{target_port}"),
    )
