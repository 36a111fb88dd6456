"""Servers without the server: their tables, their objects, and one organisation with a key of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from offline_bundles import ReleaseRecord, Signer
from offline_bundles.card import open_card
from offline_bundles.course import read_course
from server.composition import open_database, open_objects, open_outlines
from server.courses import publishing, releases
from server.courses.cards import Taken, Taking
from server.courses.packing import Packing
from server.database import Database
from server.people import accounts
from server.settings import Settings
from server.tables import Organisation
from tests.services.tables import DATABASE, lay_tables


class Place:
    """A server's tables and objects, without the server."""

    def __init__(self, folder: Path, database: Database, seed: int) -> None:
        self.settings = Settings(home=folder)
        self.database = database
        self.store = open_objects(self.settings)
        self.signer = Signer.from_seed(bytes([seed]) * 32)
        with database.writing() as session:
            self.organisation: Organisation = accounts.add_organisation(session, folder.name)

    def pack(self, course: Path) -> ReleaseRecord:
        packing = Packing(self.database, self.store, self.settings.home / "cache", self.organisation, self.signer)
        return packing.pack(course, read_course(course).id).record

    def publish(self, course: Path) -> ReleaseRecord:
        record = self.pack(course)
        with self.database.writing() as session:
            publishing.publish(
                session, self.organisation.id, record.course, record.number, open_outlines(self.settings)
            )
        return record

    def take(self, card: Path, *trusted: Signer, keys: Mapping[str, bytes] | None = None) -> list[Taken]:
        keys = keys or {signer.key_id: signer.public_key for signer in (self.signer, *trusted)}
        return list(Taking(self.database, self.store, self.organisation, self.signer, keys).take(open_card([card])))

    def record(self, number: int = 1) -> ReleaseRecord:
        with self.database.reading() as session:
            return releases.record(releases.one(session, self.organisation.id, "small", number))


@contextmanager
def opened(folder: Path, *, seed: int) -> Iterator[Place]:
    lay_tables(folder / DATABASE)
    with open_database(Settings(home=folder)) as database:
        yield Place(folder, database, seed)
