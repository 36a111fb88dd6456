"""How far a course's packing is, as the consoles see it."""

from pathlib import Path

from sqlmodel import Session

from server.packs import asking
from server.shapes.packing import LookRow, PackDetail, PackRow, PackStepRow
from server.tables import Pack, PackState, PackStep


def row(session: Session, pack: Pack) -> PackRow:
    return PackRow.model_validate(_members(session, pack))


def detail(session: Session, pack: Pack) -> PackDetail:
    steps = [_step(step) for step in asking.steps(session, pack.id)]
    looking = None if steps else _looking(pack)
    return PackDetail.model_validate({**_members(session, pack), "looking": looking, "steps": steps})


def _members(session: Session, pack: Pack) -> dict[str, object]:
    names = ("id", "publish", "state", "problem", "releases", "asked_ms", "ended_ms")
    ahead = asking.ahead_of(session, pack) if pack.state is PackState.WAITING else 0
    return {"course": pack.course_id, "ahead": ahead, **{name: getattr(pack, name) for name in names}}


def _looking(pack: Pack) -> LookRow | None:
    if pack.state is not PackState.WORKING or not pack.films:
        return None
    percent = pack.looked_ms * 100 // pack.to_look_ms if pack.to_look_ms else 0
    return LookRow(videos=pack.films, opened=pack.films_opened, percent=min(percent, 100))


def _step(step: PackStep) -> PackStepRow:
    whole = step.state is PackState.DONE
    percent = 100 if whole else step.done_ms * 100 // max(1, step.total_ms)
    return PackStepRow(
        video=Path(step.video).name,  # where it lies on this machine is nobody's business
        rung=step.rung,
        first=step.first,
        state=step.state,
        percent=percent,
        problem=step.problem,
    )
