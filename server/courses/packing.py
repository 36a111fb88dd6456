"""Packs a course folder into this server: objects into the store, the release and its answer keys into the tables."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from offline_bundles import ObjectStore, PackedRelease, Progress, ReleaseRecord, Signer, pack
from offline_bundles.errors import BrokenCourse, Problem
from offline_bundles.media import LeftOut
from server.courses import releases
from server.database import Database
from server.tables import Organisation, QuizKey


@dataclass(frozen=True, slots=True)
class Packing:
    """What packing needs of a server."""

    database: Database
    store: ObjectStore
    cache: Path
    organisation: Organisation
    signer: Signer

    def pack(
        self,
        folder: Path,
        course_id: str,
        progress: Progress | None = None,
        *,
        left_out: LeftOut | None = None,
        made_before: int = 0,
    ) -> PackedRelease:
        """Packs, and keeps the release unless it is the newest one already. Raises `BrokenCourse`.

        `made_before`: how many files were encoded for this release before this call finds them in the cache.
        """
        with self.database.reading() as session:
            previous = self._newest(session, course_id)
        packed = pack(
            folder,
            store=self.store,
            cache=self.cache,
            signer=self.signer,
            previous=previous,
            progress=progress,
            left_out=left_out,
        )
        if packed.record.course != course_id:
            raise BrokenCourse([Problem("course.yaml", "was changed while it was packed. Pack it again.")])
        packed.report.encoded += made_before
        packed.report.reused -= made_before
        with self.database.writing() as session:
            if packed.is_new:
                self._keep(session, packed)
            else:
                self._say(session, packed)
        return packed

    def _newest(self, session: Session, course_id: str) -> ReleaseRecord | None:
        rows = releases.of_course(session, self.organisation.id, course_id)
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

    def _say(self, session: Session, packed: PackedRelease) -> None:
        """The same content may be known better: a rung that was to follow may have failed since."""
        record, said = packed.record, packed.report.as_json()
        release = releases.one(session, self.organisation.id, record.course, record.number)
        release.report = {**release.report, **{name: said[name] for name in ("degraded", "following", "failed")}}
        session.add(release)
