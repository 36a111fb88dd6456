"""What becomes of a release once it is published: the updates to it are made, and its course can be found.

It comes after the transaction that publishes, since it takes seconds and holds no lock. What a power cut took from it
is made up for: the catalogue at the next start, an update when a phone asks for it.
"""

from dataclasses import dataclass

from sqlmodel import select

from server.courses.updates import Updates, published_before
from server.database import Database
from server.search.filling import Filling
from server.tables import Release


@dataclass(frozen=True, slots=True)
class Readying:
    database: Database
    updates: Updates
    filling: Filling

    def ready(self, root: str) -> None:
        """Again costs little. Raises `BundleError` or `NotFound` when the store has lost a text of the release."""
        with self.database.reading() as session:
            before = published_before(session, root)
            release = session.exec(select(Release).where(Release.root == root)).one()
        self.updates.prepare(root, before)
        self.filling.fill(release)

    def ready_missing(self) -> None:
        with self.database.reading() as session:
            self.filling.fill_missing(session)
