"""Packing again from the trainer's console, and how far it is. docs/pack.md."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Response

from server import errors
from server.packs import asking
from server.problems import refusals
from server.reports import packs
from server.routes.given import Given, Reading, SameOrigin, Trainer, Writing
from server.shapes.packing import NewPack, PackDetail, PackRow
from server.tables import PackState

router = APIRouter(responses=refusals(errors.NotFound))
changes = APIRouter(dependencies=[SameOrigin], responses=refusals(errors.CrossOrigin))
CourseId = Annotated[str, Path(max_length=64, examples=["water-and-health"])]
PackId = Annotated[str, Path(max_length=32, examples=["9f1c2b7d5e3a4811"])]


@changes.post("/courses/{course}/packs", status_code=202)
def pack_again(
    course: CourseId, new: NewPack, who: Trainer, parts: Given, session: Writing, later: BackgroundTasks
) -> PackRow:
    """Packs the course again, from the folder on the server that it was last packed from. Encodes what changed."""
    asked = asking.ask_again(session, who.organisation_id, course, publish=new.publish)
    later.add_task(parts.packing.wake)
    return packs.row(session, asked)


@changes.post("/courses/{course}/packs/{pack}/stop", status_code=204, response_class=Response)
def stop_packing(course: CourseId, pack: PackId, who: Trainer, session: Writing) -> None:
    """Stops it, if it has not ended. What is encoded is kept."""
    found = asking.one(session, who.organisation_id, course, pack)
    asking.settle(session, found.id, PackState.STOPPED)


@router.get("/packs")
def list_all_packs(who: Trainer, session: Reading) -> list[PackDetail]:
    """The newest pack of each course, rung by rung; a course that was never packed to its end is here too."""
    return [packs.detail(session, pack) for pack in asking.of_every_course(session, who.organisation_id)]


@router.get("/courses/{course}/packs")
def list_packs(course: CourseId, who: Trainer, session: Reading) -> list[PackRow]:
    """What was asked for, newest first."""
    return [packs.row(session, pack) for pack in asking.newest(session, who.organisation_id, course)]


@router.get("/courses/{course}/packs/{pack}")
def read_pack(course: CourseId, pack: PackId, who: Trainer, session: Reading) -> PackDetail:
    """How far it is, rung by rung. It goes on where it was when the server is killed and started again."""
    return packs.detail(session, asking.one(session, who.organisation_id, course, pack))


router.include_router(changes)
