"""`tiffin serve` and `openapi`. A server that is told to stop finishes and answers what it took on."""

import json
import os
import resource
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches

import typer
import uvicorn

from server import logs
from server.application import describe
from server.cli.failing import PREFIX
from server.composition import open_database
from server.errors import SetupError
from server.running import application
from server.serving.lock import serving
from server.settings import Settings

DRAIN_SECONDS = 15  # a phone on 2G may need as long to read its reply
CLOSE = 0.85  # of 1: TIFFIN_PROT is close to TIFFIN_PORT, TIFFIN_DB_URL to nothing
BACKLOG = 2_048
FILES = 8_192  # open at once: a crowd's connections; many systems allow 1,024 until they are asked


def serve() -> None:
    """Serve the API and the app on one port, until stopped."""
    for name, meant in misspelt(os.environ):
        typer.echo(f"{name} is no setting, and is passed over. Did you mean {meant}? See docs/deploy.md.", err=True)
    settings = Settings()
    with serving(settings):
        serve_until_stopped(settings)


def misspelt(environment: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that are almost a setting's, each with that one: a slip would otherwise go unseen."""
    settings = [f"{PREFIX}{field}".upper() for field in Settings.model_fields]
    for name in environment:
        if name.startswith(PREFIX) and name not in settings and (meant := get_close_matches(name, settings, 1, CLOSE)):
            yield name, meant[0]


def openapi() -> None:
    """Print the API's description (OpenAPI)."""
    typer.echo(json.dumps(describe(), indent=1, ensure_ascii=False, sort_keys=True))


def serve_until_stopped(settings: Settings) -> None:
    """For whoever holds the home as its server (`server.serving.lock`)."""
    with listening(settings) as listener:
        with open_database(settings):
            pass  # what is wrong with it is said now, as a sentence, before the server starts
        logs.start(settings.log_level)
        make_room_for_connections()
        typer.echo(f"Serving {settings.home} at {settings.address}. Ctrl-C stops it.")
        with suppress(KeyboardInterrupt):  # Ctrl-C is told again once everything has ended
            uvicorn.Server(_config(settings)).run(sockets=[listener])


def listening(settings: Settings) -> socket.socket:
    """The port, taken but not yet answering. Raises `SetupError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SetupError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
            "Stop what listens there, or set TIFFIN_HOST and TIFFIN_PORT."
        ) from error
    return listener


def make_room_for_connections(files: int = FILES) -> None:
    """Raises this process's limit of open files as far as the system lets it; never lowers it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        application(settings),
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        # Headers cost a phone bytes; the protocol has its own clock.
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        proxy_headers=True,
    )
