"""Every device of one organisation, as the database is asked for them.

The list of devices, the overview's counts and the metrics ask by the same conditions, so they cannot disagree. The
database counts and orders; only the rows that are shown are read (`server.reports.devices`). 5,000 devices: 20-50 ms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, cast, false, func, or_, select, true
from sqlmodel import Session, col

from server.reports.paging import holds
from server.shapes.administration import DeviceFilter, DeviceOrder, Silence
from server.tables import (
    ConflictRecord,
    Device,
    DeviceContact,
    Learner,
    Parked,
    Profile,
    PushSubscription,
    Quarantined,
    Release,
    ReleaseState,
)

DAY_MS = 86_400_000
ROOM_LEFT_PERCENT_MIN = 10  # of what the browser grants: below it a phone takes no further course along
SILENT_DAYS = {Silence.OVER_14: 14, Silence.OVER_7: 7, Silence.OVER_3: 3}  # the longest first
TIERS = ("immediate", "batched", "eventual")


@dataclass(frozen=True)
class Fleet:
    """`newest`: by course the newest published release, where that is not its first: nobody is behind a first one.
    `dialect`: SQLite and PostgreSQL take JSON apart under different names."""

    organisation_id: str
    now_ms: int
    newest: dict[str, int]
    dialect: str

    @cached_property
    def heard(self) -> Subquery:
        """What each device said at its last exchange, its profiles together."""
        contact = DeviceContact
        room = (100 - ROOM_LEFT_PERCENT_MIN) * col(contact.quota_bytes)
        is_full = and_(col(contact.quota_bytes) > 0, 100 * col(contact.stored_bytes) > room)
        return (
            select(
                col(contact.device_id).label("device_id"),
                func.max(contact.last_exchange_ms).label("last_ms"),
                *(func.sum(getattr(contact, f"waiting_{tier}")).label(tier) for tier in TIERS),
                func.max(contact.stored_bytes).label("stored"),
                func.max(cast(is_full, Integer)).label("is_full"),
                func.sum(contact.events_dropped).label("dropped"),
            )
            .where(col(contact.organisation_id) == self.organisation_id)
            .group_by(col(contact.device_id))
            .subquery("heard")
        )

    @property
    def silent_since_ms(self) -> ColumnElement[Any]:
        """A device that never spoke counts from its joining."""
        return func.coalesce(func.nullif(self.heard.c.last_ms, 0), col(Device.joined_ms))

    @property
    def waiting(self) -> ColumnElement[Any]:
        said: ColumnElement[Any] = self.heard.c.immediate + self.heard.c.batched + self.heard.c.eventual
        return said

    @property
    def behind(self) -> ColumnElement[bool]:
        """Of two profiles' releases the older one counts, since that one needs the update."""
        apart = func.json_each if self.dialect == "sqlite" else func.json_each_text
        held = apart(col(DeviceContact.releases)).table_valued("key", "value", name="held")
        if not self.newest:
            return false()
        newest = case(self.newest, value=held.c.key, else_=0)
        older = (
            select(col(DeviceContact.device_id))
            .join(held, true())
            .where(col(DeviceContact.organisation_id) == self.organisation_id)
            .where(cast(held.c.value, Integer) < newest)
            .distinct()  # PostgreSQL guesses a hundred members for each JSON, and would not hash so many rows
        )
        return col(Device.id).in_(older)

    def having(self, table: Any, *narrowed: ColumnElement[bool]) -> ColumnElement[bool]:
        """Is a row of this table about the device?"""
        rows = select(table.device_id).where(table.organisation_id == self.organisation_id, *narrowed)
        return col(Device.id).in_(rows)

    @property
    def in_conflict(self) -> ColumnElement[bool]:
        met = select(col(ConflictRecord.learner_id)).where(col(ConflictRecord.organisation_id) == self.organisation_id)
        return self.having(Profile, col(Profile.learner_id).in_(met))

    def named(self, part: str) -> ColumnElement[bool]:
        learners = select(col(Learner.id)).where(
            col(Learner.organisation_id) == self.organisation_id, holds(col(Learner.name), part)
        )
        return or_(
            holds(col(Device.label), part),
            holds(col(Device.id), part),
            self.having(Profile, col(Profile.learner_id).in_(learners)),
        )

    def fits(self, wanted: DeviceFilter) -> ColumnElement[bool]:
        """Revoked devices fit only where they are asked for."""
        is_revoked = col(Device.revoked_ms).is_not(None)
        return is_revoked if wanted is DeviceFilter.REVOKED else and_(~is_revoked, FITS[wanted](self))

    def of_all(self, *columns: Any) -> Select[Any]:
        """One row for each device, or one in all where the columns are counts."""
        heard = self.heard
        return (
            select(*columns)
            .select_from(Device)
            .outerjoin(heard, heard.c.device_id == col(Device.id))
            .where(col(Device.organisation_id) == self.organisation_id)
        )

    def by(self, order: DeviceOrder) -> tuple[ColumnElement[Any], ...]:
        heard = self.heard.c
        return {
            DeviceOrder.LAST_EXCHANGE: (func.coalesce(heard.last_ms, 0),),
            DeviceOrder.LABEL: (func.lower(Device.label),),
            DeviceOrder.WAITING: tuple(func.coalesce(heard[tier], 0) for tier in TIERS),
            DeviceOrder.STORED: (func.coalesce(heard.stored, 0),),
        }[order]


def _silent(days: int, days_max: int | None = None) -> Callable[[Fleet], ColumnElement[bool]]:
    def fits(fleet: Fleet) -> ColumnElement[bool]:
        since = fleet.silent_since_ms
        longer = since <= fleet.now_ms - days * DAY_MS
        return longer if days_max is None else and_(longer, since > fleet.now_ms - days_max * DAY_MS)

    return fits


FITS: dict[DeviceFilter, Callable[[Fleet], ColumnElement[bool]]] = {
    DeviceFilter.HEARD: lambda fleet: fleet.silent_since_ms > fleet.now_ms - 3 * DAY_MS,
    DeviceFilter.SILENT_3: _silent(3, 7),
    DeviceFilter.SILENT_7: _silent(7, 14),
    DeviceFilter.SILENT_14: _silent(14),
    DeviceFilter.WAITING: lambda fleet: fleet.waiting > 0,
    DeviceFilter.QUARANTINED: lambda fleet: fleet.having(Quarantined),
    DeviceFilter.PARKED: lambda fleet: fleet.having(Parked),
    DeviceFilter.CONFLICTS: lambda fleet: fleet.in_conflict,
    DeviceFilter.BEHIND: lambda fleet: fleet.behind,
    DeviceFilter.PUSH_FAILING: lambda fleet: fleet.having(PushSubscription, col(PushSubscription.failures) > 0),
    DeviceFilter.FULL: lambda fleet: fleet.heard.c.is_full == 1,
    DeviceFilter.DROPPING: lambda fleet: fleet.heard.c.dropped > 0,
}


OF_SILENCE = {
    Silence.OVER_14: DeviceFilter.SILENT_14,
    Silence.OVER_7: DeviceFilter.SILENT_7,
    Silence.OVER_3: DeviceFilter.SILENT_3,
    Silence.UP_TO_3: DeviceFilter.HEARD,
}


def fleet(session: Session, organisation_id: str, now_ms: int) -> Fleet:
    published = (
        select(col(Release.course_id), func.max(Release.number))
        .where(col(Release.organisation_id) == organisation_id, col(Release.state) == ReleaseState.PUBLISHED)
        .group_by(col(Release.course_id))
        .having(func.max(Release.number) > 1)
    )
    newest = dict(session.execute(published).all())
    return Fleet(organisation_id, now_ms, newest, session.get_bind().dialect.name)


def counted(session: Session, of: Fleet, *wanted: DeviceFilter) -> dict[DeviceFilter, int]:
    """How many devices fit each, all in one question: each phone is read once, however much is asked of it."""
    counts = (func.count().filter(of.fits(one)) for one in wanted)
    return dict(zip(wanted, session.execute(of.of_all(*counts)).one(), strict=True))


def silence_of(silent_ms: int) -> Silence:
    return next((name for name, days in SILENT_DAYS.items() if silent_ms >= days * DAY_MS), Silence.UP_TO_3)
