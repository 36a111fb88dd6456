"""How far a course's packing is, as the consoles see it."""

from pathlib import Path

from sqlmodel import Session

from server.packs import asking
from server.shapes.packing import PackDetail, PackRow, PackStepRow
from server.tables import Pack, PackState, PackStep


def row(pack: Pack) -> PackRow:
    return PackRow.model_validate(_members(pack))


def detail(session: Session, pack: Pack) -> PackDetail:
    steps = [_step(step) for step in asking.steps(session, pack.id)]
    return PackDetail.model_validate({**_members(pack), "steps": steps})


def _members(pack: Pack) -> dict[str, object]:
    names = ("id", "publish", "state", "problem", "releases", "asked_ms", "ended_ms")
    return {"course": pack.course_id, **{name: getattr(pack, name) for name in names}}


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
