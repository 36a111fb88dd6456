"""The rows of packing: added by whoever asks, written by the worker, read by everyone who waits."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, func, select

from server import errors
from server.tables import Pack, PackState, PackStep, Release
from server.tables.ids import now_ms
from server.tables.packing import UNFINISHED

PROBLEM_CHARACTERS_MAX = 4_000  # of a course with very many faults the first ones say enough
LISTED_MAX = 50  # packs of a course, newest first: more than anyone reads
# How often a worker may end over the same rung, or over the same pack between its rungs. Power cuts are no fault of it;
# but a video that fills the machine's memory takes the worker along each time, and must not do so for ever.
DEATHS_MAX = 6
TOOK_ALONG = "Encoding it ended the packing process again and again. Is there memory and room on the disk?"
PACK_TOOK_ALONG = (
    f"The packing process ended {DEATHS_MAX} times over this course before it had looked at every video, or while it "
    "wrote the release down. Is there memory and room on the disk? packing.log may say more. Then pack it again."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a course folder lies: on the machine with the home folder of this name (`homes.name_of`)."""

    home: str
    folder: Path


def ask(session: Session, organisation_id: str, course_id: str, place: Place, *, publish: bool) -> Pack:
    """Asks for a folder to be packed. What waits for the same already, and was not looked at, is asked for once."""
    for pack in _of_course(session, organisation_id, course_id, (PackState.WAITING,)):
        if _place(pack) == place and pack.publish == publish and not steps(session, pack.id):
            return pack
    pack = _pack(organisation_id, course_id, place, publish=publish)
    session.add(pack)
    session.flush()
    return pack


def note_packed(session: Session, organisation_id: str, course_id: str, place: Place, number: int) -> None:
    """Remembers a pack that needed no work behind it, so that it can be asked for again."""
    pack = _pack(organisation_id, course_id, place, publish=False)
    pack.state, pack.releases, pack.ended_ms = PackState.DONE, [number], now_ms()
    session.add(pack)


def _pack(organisation_id: str, course_id: str, place: Place, *, publish: bool) -> Pack:
    return Pack(
        organisation_id=organisation_id,
        course_id=course_id,
        home=place.home,
        folder=str(place.folder),
        publish=publish,
    )


def _place(pack: Pack) -> Place:
    return Place(pack.home, Path(pack.folder))


def ask_again(session: Session, organisation_id: str, course_id: str, *, publish: bool) -> Pack:
    """From the folder that the course was last packed from: no caller names a path of this machine."""
    before = _of_course(session, organisation_id, course_id, tuple(PackState))
    if not before:
        raise errors.NotFound("folder of the course", course_id, "Pack it once on the server: tiffin pack FOLDER.")
    return ask(session, organisation_id, course_id, _place(before[0]), publish=publish)


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


def of_every_course(session: Session, organisation_id: str) -> list[Pack]:
    """The newest of each course, the newest first."""
    newest = select(func.max(Pack.asked_ms)).where(Pack.organisation_id == organisation_id).group_by(Pack.course_id)
    asked = (
        select(Pack)
        .where(Pack.organisation_id == organisation_id, col(Pack.asked_ms).in_(newest))
        .order_by(col(Pack.asked_ms).desc())
        .limit(LISTED_MAX)
    )
    each: dict[str, Pack] = {}
    for pack in session.exec(asked):
        each.setdefault(pack.course_id, pack)
    return list(each.values())


def unfinished(session: Session, home: str) -> list[Pack]:
    """What waits or works in one home, the oldest first."""
    asked = select(Pack).where(Pack.home == home, col(Pack.state).in_(UNFINISHED)).order_by(col(Pack.asked_ms))
    return list(session.exec(asked))


def ahead_of(session: Session, pack: Pack) -> int:
    """How many packs of the same home were asked for before it and have not ended."""
    return sum(other.asked_ms < pack.asked_ms for other in unfinished(session, pack.home))


def settle(session: Session, pack_id: str, state: PackState, problem: str = "") -> None:
    """Ends a pack, and what of it was not made by then. What has ended stays as it ended."""
    pack = session.get_one(Pack, pack_id)
    if pack.state not in UNFINISHED:
        return
    pack.state, pack.problem, pack.ended_ms = state, problem[:PROBLEM_CHARACTERS_MAX], now_ms()
    session.add(pack)
    for step in steps(session, pack_id):
        if step.state in UNFINISHED:
            step.state = PackState.STOPPED
            session.add(step)


def put_down(session: Session, home: str) -> None:
    """What a worker that was ended on purpose had under way waits again: that is no death."""
    for pack in unfinished(session, home):
        pack.state = PackState.WAITING
        session.add(pack)
        for step in steps(session, pack.id):
            if step.state is PackState.WORKING:
                step.state = PackState.WAITING
                session.add(step)


def count_deaths(session: Session, home: str) -> None:
    """Called by a worker that begins, before it works: what is under way then, the last one ended over."""
    for pack in unfinished(session, home):
        if pack.state is not PackState.WORKING:
            continue
        planned = steps(session, pack.id)
        # While rungs wait, for their turn or for another pack that makes the same, the death was another's.
        pack.deaths += not any(step.state in UNFINISHED for step in planned)
        for step in planned:
            if step.state is not PackState.WORKING:
                continue
            step.deaths += 1
            is_last = step.deaths >= DEATHS_MAX
            step.state, step.problem = (PackState.FAILED, TOOK_ALONG) if is_last else (PackState.WAITING, "")
            session.add(step)
        session.add(pack)
        if pack.deaths >= DEATHS_MAX:
            settle(session, pack.id, PackState.FAILED, PACK_TOOK_ALONG)


def release_of(session: Session, pack: Pack) -> Release:
    """The newest release that came of a pack that is done."""
    return session.get_one(Release, (pack.organisation_id, pack.course_id, pack.releases[-1]))
