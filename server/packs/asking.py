"""The rows of packing: added by whoever asks, written by the worker, read by everyone who waits."""

from pathlib import Path

from sqlmodel import Session, col, select

from server import errors
from server.tables import Pack, PackState, PackStep, Release
from server.tables.ids import now_ms
from server.tables.packing import UNFINISHED

PROBLEM_CHARACTERS_MAX = 4_000  # of a course with very many faults the first ones say enough
LISTED_MAX = 50  # packs of a course, newest first: more than anyone reads


def ask(session: Session, organisation_id: str, course_id: str, folder: Path, *, publish: bool) -> Pack:
    """Asks for a folder to be packed. What waits or works for the same course already is asked for once."""
    for pack in _of_course(session, organisation_id, course_id, UNFINISHED):
        if pack.folder == str(folder) and pack.publish == publish and pack.state is PackState.WAITING:
            return pack
    pack = Pack(organisation_id=organisation_id, course_id=course_id, folder=str(folder), publish=publish)
    session.add(pack)
    session.flush()
    return pack


def note_packed(session: Session, organisation_id: str, course_id: str, folder: Path, number: int) -> None:
    """Remembers a pack that needed no work behind it, so that it can be asked for again."""
    pack = Pack(
        organisation_id=organisation_id,
        course_id=course_id,
        folder=str(folder),
        publish=False,
        state=PackState.DONE,
        releases=[number],
        ended_ms=now_ms(),
    )
    session.add(pack)


def ask_again(session: Session, organisation_id: str, course_id: str, *, publish: bool) -> Pack:
    """From the folder that the course was last packed from: no caller names a path of this machine."""
    before = _of_course(session, organisation_id, course_id, tuple(PackState))
    if not before:
        raise errors.NotFound("folder of the course", course_id, "Pack it once on the server: tiffin pack FOLDER.")
    return ask(session, organisation_id, course_id, Path(before[0].folder), publish=publish)


def _of_course(session: Session, organisation_id: str, course_id: str, states: tuple[PackState, ...]) -> list[Pack]:
    """Newest first."""
    asked = (
        select(Pack)
        .where(Pack.organisation_id == organisation_id, Pack.course_id == course_id, col(Pack.state).in_(states))
        .order_by(col(Pack.asked_ms).desc())
        .limit(LISTED_MAX)
    )
    return list(session.exec(asked))


def one(session: Session, organisation_id: str, course_id: str, pack_id: str) -> Pack:
    pack = session.get(Pack, pack_id)
    if pack is None or (pack.organisation_id, pack.course_id) != (organisation_id, course_id):
        raise errors.NotFound("pack", pack_id, "Look at the list of courses.")
    return pack


def steps(session: Session, pack_id: str) -> list[PackStep]:
    return list(session.exec(select(PackStep).where(PackStep.pack_id == pack_id).order_by(col(PackStep.position))))


def newest(session: Session, organisation_id: str, course_id: str) -> list[Pack]:
    return _of_course(session, organisation_id, course_id, tuple(PackState))


def unfinished(session: Session) -> list[str]:
    """Ids, the oldest first."""
    return list(session.exec(select(Pack.id).where(col(Pack.state).in_(UNFINISHED)).order_by(col(Pack.asked_ms))))


def settle(session: Session, pack_id: str, state: PackState, problem: str = "") -> None:
    """Ends a pack. What has ended stays as it ended."""
    pack = session.get_one(Pack, pack_id)
    if pack.state in UNFINISHED:
        pack.state, pack.problem, pack.ended_ms = state, problem[:PROBLEM_CHARACTERS_MAX], now_ms()
        session.add(pack)


def release_of(session: Session, pack: Pack) -> Release:
    """The newest release that came of a pack that is done."""
    return session.get_one(Release, (pack.organisation_id, pack.course_id, pack.releases[-1]))
