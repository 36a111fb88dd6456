"""Keeps the catalogue up with what is published. It holds nothing of its own: lost, it is filled again at the start."""

import logging
from dataclasses import dataclass

from sqlmodel import Session

from offline_bundles import ObjectSource
from offline_bundles.errors import BundleError
from server.courses import releases
from server.people import accounts
from server.search.asking import Catalogue, Filled
from server.search.entries import entries_of
from server.tables import Release

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filling:
    catalogue: Catalogue
    store: ObjectSource

    def fill(self, release: Release) -> None:
        """Raises `BundleError` when the store has lost a text of the release."""
        filled = Filled(release.organisation_id, release.course_id, release.root)
        self.catalogue.replace(filled, list(entries_of(release.root, self.store)))

    def fill_missing(self, session: Session) -> None:
        """What was published while nobody filled. What cannot be read is logged, and left out: learning goes on."""
        there = self.catalogue.filled()
        for organisation in accounts.organisations(session):
            for release in releases.newest_published(session, organisation.id).values():
                if Filled(release.organisation_id, release.course_id, release.root) not in there:
                    self._fill_or_log(release)

    def _fill_or_log(self, release: Release) -> None:
        try:
            self.fill(release)
        except BundleError:
            log.exception("release not in the catalogue", extra={"course": release.course_id, "root": release.root})
