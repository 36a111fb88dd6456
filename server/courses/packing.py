"""Packs a course folder into this server: objects into the store, the release and its answer keys into the tables."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, select

from offline_bundles import ObjectStore, PackedRelease, Progress, ReleaseRecord, Signer, pack
from offline_bundles.errors import BrokenCourse, Problem
from server.courses import releases
from server.database import Database
from server.tables import Organisation, QuizKey, Release


@dataclass(frozen=True, slots=True)
class Packing:
    """What packing needs of a server."""

    database: Database
    store: ObjectStore
    cache: Path
    organisation: Organisation
    signer: Signer

    def pack(self, folder: Path, course_id: str, progress: Progress | None = None) -> PackedRelease:
        """Packs, and keeps the release unless it is the newest one already. Raises `BrokenCourse`."""
        with self.database.reading() as session:
            previous = self._newest(session, course_id)
        packed = pack(
            folder, store=self.store, cache=self.cache, signer=self.signer, previous=previous, progress=progress
        )
        if packed.record.course != course_id:
            raise BrokenCourse([Problem("course.yaml", "was changed while it was packed. Pack it again.")])
        if packed.is_new:
            with self.database.writing() as session:
                self._keep(session, packed)
        return packed

    def _newest(self, session: Session, course_id: str) -> ReleaseRecord | None:
        rows = session.exec(
            select(Release).where(Release.organisation_id == self.organisation.id, Release.course_id == course_id)
        ).all()
        newest = max(rows, key=lambda row: row.number, default=None)
        return releases.record(newest) if newest else None

    def _keep(self, session: Session, packed: PackedRelease) -> None:
        record, here = packed.record, self.organisation.id
        releases.add(session, here, record, dict(packed.manifest["title"]), packed.report)
        session.add_all(
            QuizKey(
                organisation_id=here,
                course_id=record.course,
                number=record.number,
                activity_id=activity,
                quiz_object=kept["object"],
                key=kept["key"],
            )
            for activity, kept in packed.keys.items()
        )
