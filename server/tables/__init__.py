"""Every table, by what it is about. An organisation stands on every row, so that tenants cannot mix.

Times are integers: milliseconds since 1970 in columns that end in `_ms`.
"""

from sqlalchemy import BigInteger, Integer
from sqlmodel import SQLModel

from server.tables.content import Course, QuizKey, Release, ReleaseState
from server.tables.grading import Regrading, Ruling
from server.tables.hubs import (
    AdditionKind,
    Cargo,
    Hub,
    HubAdded,
    HubAddition,
    HubEndedKey,
    HubIncident,
    HubJoin,
    UplinkTrouble,
    Upstream,
)
from server.tables.log import ConsumerCursor, Damage, LogEntry, Parcel, Parked, Quarantined, Segment, ServerState
from server.tables.notices import Notification, NotificationState, PushSubscription
from server.tables.packing import Pack, PackState, PackStep
from server.tables.people import Account, Device, Enrolment, JoinCode, Learner, Organisation, Profile, Role
from server.tables.pictures import Picture, PicturePiece, PictureState
from server.tables.read_models import Attempt, AttemptState, ConflictRecord, DeviceContact, Survivor

__all__ = [
    "Account",
    "AdditionKind",
    "Attempt",
    "AttemptState",
    "Cargo",
    "ConflictRecord",
    "ConsumerCursor",
    "Course",
    "Damage",
    "Device",
    "DeviceContact",
    "Enrolment",
    "Hub",
    "HubAdded",
    "HubAddition",
    "HubEndedKey",
    "HubIncident",
    "HubJoin",
    "JoinCode",
    "Learner",
    "LogEntry",
    "Notification",
    "NotificationState",
    "Organisation",
    "Pack",
    "PackState",
    "PackStep",
    "Parcel",
    "Parked",
    "Picture",
    "PicturePiece",
    "PictureState",
    "Profile",
    "PushSubscription",
    "Quarantined",
    "QuizKey",
    "Regrading",
    "Release",
    "ReleaseState",
    "Role",
    "Ruling",
    "Segment",
    "ServerState",
    "Survivor",
    "UplinkTrouble",
    "Upstream",
]


def _widen_integers() -> None:
    """Makes every integer 64 bits wide, as SQLite's are: milliseconds since 1970 do not fit PostgreSQL's INTEGER."""
    wide = BigInteger().with_variant(Integer(), "sqlite")
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            if type(column.type) is Integer:
                column.type = wide


_widen_integers()
