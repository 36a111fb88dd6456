"""The only place where parts are put together. Everything else is given what it needs.

`open_parts` makes the tables, the keys and the services of one server from its settings; `running` starts what runs
behind the requests and ends it again: what was taken on is finished, what waits stays in its rows.
"""

import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI

from notifications import EndpointRefused, Endpoints, Push, new_key
from offline_bundles import FolderStore, ObjectStore
from server.access.rates import JOIN, SIGN_IN, Limit
from server.access.sessions import Cookies
from server.application import create_app
from server.backup.home import in_use
from server.courses.outline import Outlines
from server.courses.quizzes import Quizzes
from server.courses.readying import Readying
from server.courses.updates import Updates
from server.database import Database
from server.exchange.service import ExchangeService
from server.health import Health
from server.hubs.asking import cargo
from server.hubs.asking.background import Background
from server.hubs.asking.grades import GradesFromUpstream
from server.hubs.asking.releases import Shelf
from server.hubs.asking.uplink import Uplink, upstream_of
from server.hubs.asking.upstream import UpstreamServer
from server.keys import KeyRing
from server.metrics import Metrics
from server.notices import Delivery, Notices
from server.packs.starting import PackingWorker
from server.parts import Parts
from server.people.inviting import Inviting
from server.people.joining import Joining
from server.search.asking import Catalogue
from server.search.filling import Filling
from server.search.postgres import PostgresCatalogue
from server.search.sqlite import SqliteCatalogue
from server.serving.elsewhere import Elsewhere
from server.serving.encodings import Compressed
from server.serving.site import Site
from server.settings import Settings
from server.tables import Upstream
from sync.errors import Malformed
from sync.identity import DeviceKey

# What a thread may run while another waits: each request changes hands several times between the loop and the writer.
TURN_SECONDS = 0.0005
if TYPE_CHECKING:
    from offline_bundles.stores.s3 import S3Store

GARBAGE_MAX = 50_000  # objects made and not yet let go, some 5 MB, before they are looked through


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The tables alone, in their newest form: what most commands need."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with in_use(settings.home):
        database = Database(settings.database)
        try:
            database.migrate()
            yield database
        finally:
            database.close()


def open_objects(settings: Settings) -> ObjectStore:
    return _open_bucket(settings) or FolderStore(settings.home / "objects")


def _open_bucket(settings: Settings, *, is_hasty: bool = False) -> "S3Store | None":
    bucket, prefix = settings.bucket
    if not bucket:
        return None
    from offline_bundles.stores.s3 import S3Store, s3_client  # half a second and 20 MB that a folder does without

    return S3Store(s3_client(settings.objects_endpoint, is_hasty=is_hasty), bucket, prefix)


def _open_elsewhere(settings: Settings) -> Elsewhere | None:
    """How phones reach the bucket themselves, if they shall."""
    store = _open_bucket(settings) if settings.objects_redirect else None
    return Elsewhere(store.address, store.origin) if store else None


def _health(settings: Settings, database: Database, exchange: ExchangeService) -> Health:
    asked = _open_bucket(settings, is_hasty=True)
    probe = asked.probe if asked else None
    return Health(database, settings.home, settings.disk_free_bytes_min, exchange.unread_since_ms, probe)


def open_updates(settings: Settings) -> Updates:
    return Updates(settings.home / "updates", open_objects(settings), Compressed())


def open_catalogue(settings: Settings, database: Database) -> Catalogue:
    if database.engine.dialect.name == "postgresql":
        return PostgresCatalogue.open(database.engine)
    return SqliteCatalogue(settings.home / "catalogue.db")


def open_readying(settings: Settings, database: Database) -> Readying:
    filling = Filling(open_catalogue(settings, database), open_objects(settings))
    return Readying(database, open_updates(settings), filling)


def open_keys(settings: Settings) -> KeyRing:
    return KeyRing(settings.home / "keys")


def open_outlines(settings: Settings) -> Outlines:
    return Outlines(open_objects(settings).read)


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
    exchange = _exchange(settings, database, endpoints)
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


@contextmanager
def open_exchange(settings: Settings, database: Database) -> Iterator[ExchangeService]:
    """The exchange alone, for commands that bring work in; a server may run beside them."""
    exchange = _exchange(settings, database, Endpoints(allow_local=settings.push_allow_local))
    exchange.start()
    try:
        yield exchange
    finally:
        exchange.stop()


def hub_key(keys: KeyRing) -> DeviceKey:
    return DeviceKey.load(keys.hub_key(lambda: DeviceKey.generate().save()))


def open_uplink(settings: Settings, database: Database) -> Uplink:
    """How a hub goes up; what it has to say when this is no hub it says when it is run."""
    keys = open_keys(settings)

    def connect(to: Upstream) -> UpstreamServer:
        return UpstreamServer(httpx.Client(base_url=to.url), hub_key(keys), to.hub_id)

    readying = open_readying(settings, database)
    return Uplink(database, Shelf(database, open_objects(settings), readying, open_outlines(settings), keys), connect)


def _background(settings: Settings, database: Database, exchange: ExchangeService) -> Background | None:
    return Background(open_uplink(settings, database), exchange, settings.uplink_seconds) if hub_of(database) else None


def hub_of(database: Database) -> Upstream | None:
    """What this server knows of the one above it; None where it is no hub."""
    with database.reading() as session:
        return upstream_of(session)


def open_inviting(settings: Settings, hub: Upstream | None) -> Inviting:
    return Inviting(open_keys(settings).join_secret(), settings.address, hub.organisation_id if hub else "")


def _exchange(settings: Settings, database: Database, endpoints: Endpoints) -> ExchangeService:
    def check_endpoint(endpoint: str) -> None:
        # Names are resolved when something is sent, not here: a slow name server must not hold up the one writer.
        try:
            endpoints.check_written(endpoint)
        except EndpointRefused as exc:
            raise Malformed(str(exc)) from exc

    is_hub = hub_of(database) is not None
    return ExchangeService(
        database.engine,
        analytics=settings.home / "analytics",
        quizzes=Quizzes(database, open_objects(settings).read),
        grades=GradesFromUpstream() if is_hub else None,
        consumers=(Notices(),),
        check_endpoint=check_endpoint,
        keep=cargo.keep if is_hub else None,
    )


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
        metrics=Metrics(database, exchange),
    )
