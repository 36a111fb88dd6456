"""What most commands open of a home: its tables, objects and keys.

`server.exchanging` adds what brings work in, `server.running` the rest of the server. Only in these three are parts put
together; everything else is given what it needs. They are three so that a small command loads little.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from offline_bundles import FolderStore, ObjectStore
from server.backup.home import in_use
from server.courses.outline import Outlines
from server.courses.readying import Readying
from server.courses.updates import Updates
from server.database import Database
from server.keys import KeyRing
from server.people.inviting import Inviting
from server.people.upward import upstream_of
from server.search.asking import Catalogue
from server.search.filling import Filling
from server.search.postgres import PostgresCatalogue
from server.search.sqlite import SqliteCatalogue
from server.serving.encodings import Compressed
from server.settings import Settings
from server.tables import Upstream

if TYPE_CHECKING:
    from offline_bundles.stores.s3 import S3Store


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
    return open_bucket(settings) or FolderStore(settings.home / "objects")


def open_bucket(settings: Settings, *, is_hasty: bool = False) -> "S3Store | None":
    bucket, prefix = settings.bucket
    if not bucket:
        return None
    from offline_bundles.stores.s3 import S3Store, s3_client  # half a second and 20 MB that a folder does without

    return S3Store(s3_client(settings.objects_endpoint, is_hasty=is_hasty), bucket, prefix)


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


def hub_of(database: Database) -> Upstream | None:
    """What this server knows of the one above it; None where it is no hub."""
    with database.reading() as session:
        return upstream_of(session)


def open_inviting(settings: Settings, hub: Upstream | None) -> Inviting:
    return Inviting(open_keys(settings).join_secret(), settings.address, hub.organisation_id if hub else "")
