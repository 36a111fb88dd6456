"""Lists as files for a spreadsheet: CSV (RFC 4180), UTF-8 with the mark by which Excel knows it.

Labels and names come from phones and from trainers. A spreadsheet takes a text that begins like a formula for one, so
such a text is given an apostrophe before it (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from server.reports import devices, quarantine
from server.reports.fleet import TIERS, fleet
from server.reports.paging import PageAsked
from server.shapes.administration import DeviceRow, QuarantineRow
from server.tables.ids import now_ms

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
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


def written(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    file = csv.writer(text)
    file.writerow(titles)
    file.writerows([_harmless(cell) for cell in row] for row in rows)
    return MARK + text.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


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
