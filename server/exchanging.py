"""The exchange alone, and a hub's way up: for commands that bring work in. A server may run beside them."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from notifications import EndpointRefused, Endpoints
from server.composition import hub_of, open_inviting, open_keys, open_objects, open_outlines, open_readying
from server.courses.quizzes import Quizzes
from server.database import Database
from server.exchange.service import ExchangeService
from server.hubs.answering.filed import Filing
from server.hubs.asking import cargo
from server.hubs.asking.grades import GradesFromUpstream
from server.hubs.asking.releases import Shelf
from server.hubs.asking.uplink import Uplink
from server.hubs.asking.upstream import UpstreamServer
from server.keys import KeyRing
from server.notices import Notices
from server.people.joining import Joining
from server.settings import Settings
from server.tables import Upstream
from sync.errors import Malformed
from sync.identity import DeviceKey


@contextmanager
def open_exchange(settings: Settings, database: Database) -> Iterator[ExchangeService]:
    """The exchange alone, for commands that bring work in; a server may run beside them."""
    exchange = exchange_of(settings, database, Endpoints(allow_local=settings.push_allow_local))
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


def open_filing(settings: Settings, database: Database, *, is_vouched: bool) -> Filing:
    """How a hub's enrolments are taken from a file, beside the server."""
    keys, hub = open_keys(settings), hub_of(database)
    joining = Joining(open_inviting(settings, hub), keys, push_key="", epoch=lambda: b"")  # no phone is answered
    return Filing(database, joining, open_outlines(settings), keys, is_vouched)


def exchange_of(settings: Settings, database: Database, endpoints: Endpoints) -> ExchangeService:
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
