"""What an administrator watches and does."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from server import errors
from server.people import devices
from server.problems import refusals
from server.reports import activity, conflicts, files, overview, quarantine
from server.reports import devices as device_report
from server.routes.given import Administrator, Given, Page, Reading, SameOrigin, Writing
from server.routes.tables import FILE, SEARCH, saved
from server.shapes.administration import (
    ConflictPage,
    DailyActivity,
    DeviceDetail,
    DeviceFilter,
    DeviceOrder,
    DevicePage,
    Overview,
    QuarantinePage,
)

router = APIRouter(prefix="/v1", tags=["administrator"], responses=refusals(errors.NotSignedIn, errors.NotAllowed))
DAYS_MAX = 92  # a term; longer histories are read from the analytics files themselves

DeviceId = Annotated[str, Path(max_length=32, examples=["a3" * 16])]


@router.get("/overview")
def read_overview(who: Administrator, parts: Given, session: Reading) -> Overview:
    """What needs a person today, each with where to look."""
    return overview.overview(session, who.organisation_id, parts.health.standing())


def _question(
    show: Annotated[DeviceFilter | None, Query(alias="filter", description="Only devices in this state.")] = None,
    search: Annotated[str, SEARCH, Query(description="Part of a label, a learner's name, or an id.")] = "",
    order: DeviceOrder = DeviceOrder.LAST_EXCHANGE,
    descending: bool = False,
) -> device_report.Question:
    return device_report.Question(show=show, search=search, order=order, descending=descending)


DevicesAsked = Annotated[device_report.Question, Depends(_question)]


@router.get("/devices")
def list_devices(who: Administrator, session: Reading, asked: DevicesAsked, page: Page) -> DevicePage:
    """Devices with their last contact, what waits on them, which releases they hold, and what troubles them."""
    return device_report.page(session, who.organisation_id, asked, page)


@router.get("/devices.csv", response_class=Response, responses=FILE)
def save_devices(who: Administrator, session: Reading, asked: DevicesAsked) -> Response:
    """The same list as a file, all of it."""
    return saved("phones.csv", files.devices_file(session, who.organisation_id, asked))


@router.get("/devices/{device}", responses=refusals(errors.NotFound))
def read_device(device: DeviceId, who: Administrator, session: Reading) -> DeviceDetail:
    return device_report.detail(session, who.organisation_id, device)


@router.post(
    "/devices/{device}/revoke",
    status_code=204,
    dependencies=[SameOrigin],
    responses=refusals(errors.NotFound, errors.CrossOrigin),
)
def revoke_device(device: DeviceId, who: Administrator, parts: Given, session: Writing) -> None:
    """Ends a device's right to exchange: it was lost, or sold. What it sent before stays."""
    devices.revoke(session, who.organisation_id, device, parts.exchange.devices)


@router.get("/conflicts")
def list_conflicts(
    who: Administrator,
    session: Reading,
    page: Page,
    course: Annotated[str, Query(max_length=48)] = "",
    rule: Annotated[str, Query(max_length=32)] = "",
) -> ConflictPage:
    """Conflicts that rules settled, newest first."""
    return conflicts.page(session, who.organisation_id, page, course=course, rule=rule)


def _set_aside(
    reason: Annotated[str, Query(max_length=32)] = "",
    search: Annotated[str, SEARCH, Query(description="Part of a learner's name or of a device's id.")] = "",
) -> quarantine.Question:
    return quarantine.Question(reason=reason, search=search)


SetAsideAsked = Annotated[quarantine.Question, Depends(_set_aside)]


@router.get("/quarantine")
def list_quarantine(who: Administrator, session: Reading, asked: SetAsideAsked, page: Page) -> QuarantinePage:
    """Bytes that could not be trusted or understood, oldest first."""
    return quarantine.page(session, who.organisation_id, asked, page)


@router.get("/quarantine.csv", response_class=Response, responses=FILE)
def save_quarantine(who: Administrator, session: Reading, asked: SetAsideAsked) -> Response:
    """The same list as a file, without the bytes."""
    return saved("set-aside.csv", files.quarantine_file(session, who.organisation_id, asked))


@router.get("/activity/daily")
def read_daily_activity(
    who: Administrator, parts: Given, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = 28
) -> list[DailyActivity]:
    """What was done on each of the last days, by course."""
    return activity.daily(parts.exchange.analytics, who.organisation_id, days)
