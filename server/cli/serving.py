"""Runs the server until it is told to stop; then what was taken on is finished and answered."""

import uvicorn

from server import logs
from server.composition import application
from server.settings import Settings

DRAIN_SECONDS = 15  # a phone on 2G may need as long to read its reply
BACKLOG = 2_048


def serve_until_stopped(settings: Settings) -> None:
    logs.start(settings.log_level)
    uvicorn.run(
        application(settings),
        host=settings.host,
        port=settings.port,
        backlog=BACKLOG,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        # Headers cost a phone bytes; the protocol has its own clock.
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        proxy_headers=True,
    )
