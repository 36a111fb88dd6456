"""What the edge is made of. `running` builds the parts once; routes are given them; tests build their own."""

from dataclasses import dataclass

from notifications import Push
from offline_bundles import ObjectStore
from server.access.rates import Limit
from server.access.sessions import Cookies
from server.courses.outline import Outlines
from server.courses.readying import Readying
from server.database import Database
from server.exchange.service import ExchangeService
from server.health import Health
from server.keys import KeyRing
from server.metrics import Metrics
from server.packs.starting import PackingWorker
from server.people.inviting import Inviting
from server.people.joining import Joining
from server.serving.elsewhere import Elsewhere
from server.serving.encodings import Compressed
from server.serving.site import Site
from server.settings import Settings


@dataclass(frozen=True)
class Parts:
    settings: Settings
    keys: KeyRing
    database: Database
    objects: ObjectStore
    elsewhere: Elsewhere | None  # where phones fetch media themselves
    outlines: Outlines
    compressed: Compressed
    readying: Readying
    site: Site
    cookies: Cookies
    inviting: Inviting
    joining: Joining
    join_limit: Limit
    sign_in_limit: Limit
    exchange: ExchangeService
    push: Push
    packing: PackingWorker
    health: Health
    metrics: Metrics
