"""The whole server of one home: `application` makes it from its settings.

`running` starts what runs behind the requests and ends it again: what was taken on is finished, what waits stays in
its rows.
"""

import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import FastAPI

from notifications import Endpoints, Push, new_key
from server.access.rates import JOIN, SIGN_IN, Limit
from server.access.sessions import Cookies
from server.application import create_app
from server.composition import (
    hub_of,
    open_bucket,
    open_database,
    open_inviting,
    open_keys,
    open_objects,
    open_readying,
)
from server.courses.outline import Outlines
from server.database import Database
from server.exchange.service import ExchangeService
from server.exchanging import exchange_of, open_uplink
from server.health import Health
from server.hubs.asking.background import Background
from server.metrics import Metrics
from server.notices import Delivery
from server.packs.starting import PackingWorker
from server.parts import Parts
from server.people.joining import Joining
from server.serving.elsewhere import Elsewhere
from server.serving.encodings import Compressed
from server.serving.site import Site
from server.settings import Settings
from server.tables import Upstream

# What a thread may run while another waits: each request changes hands several times between the loop and the writer.
TURN_SECONDS = 0.0005
GARBAGE_MAX = 50_000  # objects made and not yet let go, some 5 MB, before they are looked through


def application(settings: Settings) -> FastAPI:
    """The whole server as an ASGI application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_database(settings) as database, running(settings, database) as parts:
            app.state.parts = parts
            _keep_what_is_loaded()
            sys.setswitchinterval(TURN_SECONDS)
            try:
                yield
            finally:
                app.state.parts = None

    return create_app(lifespan)


def _keep_what_is_loaded() -> None:
    """Garbage is looked for among what requests make, not among what the server is made of: a tenth of their cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_MAX)


@contextmanager
def running(settings: Settings, database: Database) -> Iterator[Parts]:
    endpoints = Endpoints(allow_local=settings.push_allow_local)
    exchange = exchange_of(settings, database, endpoints)
    exchange.start()
    uplink = _background(settings, database, exchange)
    parts = _parts(settings, database, exchange, endpoints)
    delivery = Delivery(database, parts.push, parts.metrics.pushed)
    delivery.start()
    parts.readying.ready_missing()
    parts.packing.start()
    if uplink:
        uplink.start()
    try:
        yield parts
    finally:
        parts.health.draining = True
        if uplink:
            uplink.stop()
        parts.packing.stop()
        exchange.stop()
        delivery.stop()


def _background(settings: Settings, database: Database, exchange: ExchangeService) -> Background | None:
    return Background(open_uplink(settings, database), exchange, settings.uplink_seconds) if hub_of(database) else None


def _push_key(hub: Upstream | None) -> str:
    """Whose wake-ups a phone that joins takes: the upstream's, which can reach it when this hub is switched off."""
    return str(hub.told.get("organisation", {}).get("push_key", "")) if hub else ""


def _parts(settings: Settings, database: Database, exchange: ExchangeService, endpoints: Endpoints) -> Parts:
    keys, objects = open_keys(settings), open_objects(settings)
    elsewhere = _open_elsewhere(settings)
    hub = hub_of(database)
    inviting = open_inviting(settings, hub)
    push = Push(keys.push_key(new_key), settings.push_contact, endpoints)
    return Parts(
        settings=settings,
        keys=keys,
        database=database,
        objects=objects,
        elsewhere=elsewhere,
        outlines=Outlines(objects.read),
        compressed=Compressed(),
        readying=open_readying(settings, database),
        site=Site(settings.pwa_folder, elsewhere.origin if elsewhere else ""),
        cookies=Cookies(keys.session_secret()),
        inviting=inviting,
        joining=Joining(inviting, keys, _push_key(hub) or push.public_key, lambda: exchange.epoch),
        join_limit=Limit("join", JOIN, settings.redis_url),
        sign_in_limit=Limit("sign-in", SIGN_IN, settings.redis_url),
        exchange=exchange,
        push=push,
        packing=PackingWorker(settings, database),
        health=_health(settings, database, exchange),
        metrics=Metrics(database, exchange, settings.home),
    )


def _open_elsewhere(settings: Settings) -> Elsewhere | None:
    """How phones reach the bucket themselves, if they shall."""
    store = open_bucket(settings) if settings.objects_redirect else None
    return Elsewhere(store.address, store.origin) if store else None


def _health(settings: Settings, database: Database, exchange: ExchangeService) -> Health:
    asked = open_bucket(settings, is_hasty=True)
    probe = asked.probe if asked else None
    return Health(database, settings.home, settings.disk_free_bytes_min, exchange.unread_since_ms, probe)
