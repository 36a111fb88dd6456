"""The administrator's lists as files for a spreadsheet."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from server.reports import devices, quarantine
from server.reports.fleet import TIERS, fleet
from server.reports.paging import PageAsked
from server.reports.spreadsheets import written
from server.shapes.administration import DeviceRow, QuarantineRow
from server.tables.ids import now_ms

WHOLE = PageAsked(0, 100_000)  # a hundredth of it is more than a person goes through; some 40 MB in memory

DEVICE = ("phone", "id", "learners", "joined", "last_exchange", "silent_for", *(f"waiting_{tier}" for tier in TIERS))
DEVICE_COUNTS = (
    "behind",
    "conflicts",
    "quarantined",
    "parked",
    "push_failures",
    "events_dropped",
    "stored_bytes",
    "quota_bytes",
)
SET_ASIDE = ("learner", "learner_id", "phone_id", "profile", "course", "reason", "bytes", "since")


def devices_file(session: Session, organisation_id: str, asked: devices.Question) -> str:
    everyone = fleet(session, organisation_id, now_ms())
    found = devices.ids(session, everyone, asked)[: WHOLE.limit]
    rows = devices.rows(session, everyone, found)
    return written((*DEVICE, *DEVICE_COUNTS, "app", "revoked"), map(_device, rows))


def quarantine_file(session: Session, organisation_id: str, asked: quarantine.Question) -> str:
    page = quarantine.page(session, organisation_id, asked, WHOLE)
    return written(SET_ASIDE, map(_set_aside, page.items))


def _device(row: DeviceRow) -> tuple[Any, ...]:
    return (
        row.label,
        row.id,
        "; ".join(learner.name for learner in row.learners),
        _moment(row.joined_ms),
        _moment(row.last_exchange_ms),
        row.silent_for.value,
        *(getattr(row.waiting, tier) for tier in TIERS),
        *(getattr(row, name) for name in DEVICE_COUNTS),
        row.app,
        _moment(row.revoked_ms),
    )


def _set_aside(row: QuarantineRow) -> tuple[Any, ...]:
    who = (row.learner.name, row.learner.id, row.device, row.profile)
    return (*who, row.course, row.reason, row.bytes, _moment(row.since_ms))


def _moment(ms: int | None) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms else ""
