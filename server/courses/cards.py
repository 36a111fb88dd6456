"""Memory cards at a server: which releases go onto one, and what becomes of those that come with one.

What a card brings is believed only under a key that is known here: this organisation's own, or one that a person
compared and trusted. A release under another's key is signed anew, since phones know their own organisation's alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from offline_bundles import ObjectStore, ReleaseRecord, Report, Signer, read_release
from offline_bundles.card import Card, adopt_release, take_release
from offline_bundles.errors import BundleError
from offline_bundles.opening.freshness import check_fresh, floor_of
from server import errors
from server.courses import releases
from server.database import Database
from server.tables import Organisation, Release
from server.tables.ids import today


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one release of a card. `refused` is empty, or says why and what to do."""

    record: ReleaseRecord
    new_objects: int = 0
    was_here: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    """What taking needs of a server. `trusted`: public keys by their id, this organisation's own among them."""

    database: Database
    store: ObjectStore
    organisation: Organisation
    signer: Signer
    trusted: Mapping[str, bytes]

    def take(self, card: Card) -> Iterator[Taken]:
        """Each release of the card by itself: what is wrong with one does not keep the others out."""
        for record in card.releases:
            try:
                yield self._take(record, card)
            except (BundleError, errors.TiffinError) as error:
                yield Taken(record, refused=str(error))

    def _take(self, record: ReleaseRecord, card: Card) -> Taken:
        public_key = self.trusted.get(record.key)
        if public_key is None:
            raise errors.UnknownKey(
                f"It was signed with the key {record.key}, which is not known here. Ask whoever made the card for the "
                "whole key, on paper or by voice, then: tiffin trust KEY"
            )
        new_objects = take_release(record, public_key, card, self.store)
        with self.database.writing() as session:
            if _is_here(session, self.organisation.id, record):
                return Taken(record, new_objects, was_here=True)
            manifest = read_release(record.root, self.store).manifest
            floor = _floor(session, self.organisation.id, record.course, self.store)
            check_fresh(manifest, floor=floor, today=today())
            if record.key != self.signer.key_id:
                record = adopt_release(record, self.store, self.signer)
            was_here = keep_release(session, self.organisation.id, record, self.store)
        return Taken(record, new_objects, was_here)


def on_card(session: Session, organisation_id: str, courses: Sequence[str]) -> list[ReleaseRecord]:
    """The newest published release of each course. Raises `NotFound`."""
    newest = releases.newest_published(session, organisation_id)
    for course in courses:
        if course not in newest:
            raise errors.NotFound("published release of", course, "Pack it, then publish it.")
    return [releases.record(newest[course]) for course in courses]


def _is_here(session: Session, organisation_id: str, record: ReleaseRecord) -> bool:
    there = session.get(Release, (organisation_id, record.course, record.number))
    return there is not None and there.root == record.root


def _floor(session: Session, organisation_id: str, course: str, store: ObjectStore) -> int:
    """What the newest release of this course here withdrew; older ones that it left good may still come."""
    here = select(Release).where(Release.organisation_id == organisation_id, Release.course_id == course)
    newest = session.exec(here.order_by(col(Release.number).desc())).first()
    return floor_of(read_release(newest.root, store).manifest) if newest else 1


def keep_release(session: Session, organisation_id: str, record: ReleaseRecord, store: ObjectStore) -> bool:
    """Whether it was here already. Raises `AlreadyThere` for another release of the same number."""
    there = session.get(Release, (organisation_id, record.course, record.number))
    if there is not None:
        if there.root != record.root:
            raise errors.AlreadyThere(
                f"Release {record.number} of {record.course} is another one here. Pack this course in one place only."
            )
        return True
    manifest, report = _reported(record, store)
    releases.add(session, organisation_id, record, manifest["title"], report)
    return False


def _reported(record: ReleaseRecord, store: ObjectStore) -> tuple[dict[str, Any], Report]:
    """What packing would have said of it, as far as the manifests tell."""
    release = read_release(record.root, store)
    report = Report()
    for lesson in release.manifest["lessons"]:
        for tier, size in lesson["bytes"].items():
            report.tiers[tier] += size
    for lesson in release.lessons:
        for activity in lesson["activities"]:
            if activity.get("quiz") == "graded":
                report.degraded.append(f"{activity['id']} cannot be graded here: a card carries no answers")
    return release.manifest, report
