"""Every table of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _people()
    _content()
    _log()
    _read_models()
    _notices()


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first version.")


def _text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=key, nullable=null)


def _whole(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, WIDE, primary_key=key, nullable=null)


def _raw(name: str, *, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), primary_key=key, nullable=False)


def _json(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _choice(name: str, kind: str, *values: str) -> sa.Column[str]:
    return sa.Column(name, sa.Enum(*values, name=kind), nullable=False)


def _refers(name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target])


def _people() -> None:
    op.create_table(
        "organisation",
        _text("id", key=True),
        _text("name"),
        _whole("created_ms"),
    )
    op.create_table(
        "account",
        _text("id", key=True),
        _text("organisation_id"),
        _text("name"),
        _text("display_name"),
        _text("password_hash"),
        _choice("role", "role", "LEARNER", "TRAINER", "ADMINISTRATOR"),
        _whole("created_ms"),
        _whole("disabled_ms", null=True),
        _refers("organisation_id", "organisation.id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_account_organisation_id", "account", ["organisation_id"])
    op.create_table(
        "device",
        _text("id", key=True),
        _text("organisation_id"),
        _raw("public_key"),
        _text("label"),
        _whole("joined_ms"),
        _whole("revoked_ms", null=True),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_index("ix_device_organisation_id", "device", ["organisation_id"])
    op.create_table(
        "learner",
        _text("id", key=True),
        _text("organisation_id"),
        _text("name"),
        _text("language"),
        _whole("created_ms"),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_index("ix_learner_organisation_id", "learner", ["organisation_id"])
    op.create_table(
        "enrolment",
        _text("learner_id", key=True),
        _text("course_id", key=True),
        _text("organisation_id"),
        _whole("enrolled_ms"),
        _refers("learner_id", "learner.id"),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_index("ix_enrolment_organisation_id", "enrolment", ["organisation_id"])
    op.create_table(
        "joincode",
        _text("digest", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _whole("created_ms"),
        _whole("expires_ms"),
        _whole("uses"),
        _refers("organisation_id", "organisation.id"),
        _refers("learner_id", "learner.id"),
    )
    op.create_index("ix_joincode_learner_id", "joincode", ["learner_id"])
    op.create_index("ix_joincode_organisation_id", "joincode", ["organisation_id"])
    op.create_table(
        "profile",
        _text("device_id", key=True),
        _whole("number", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _whole("joined_ms"),
        _refers("device_id", "device.id"),
        _refers("organisation_id", "organisation.id"),
        _refers("learner_id", "learner.id"),
    )
    op.create_index("ix_profile_learner_id", "profile", ["learner_id"])
    op.create_index("ix_profile_organisation_id", "profile", ["organisation_id"])


def _content() -> None:
    op.create_table(
        "course",
        _text("organisation_id", key=True),
        _text("id", key=True),
        _json("title"),
        _whole("created_ms"),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_table(
        "quizkey",
        _text("organisation_id", key=True),
        _text("course_id", key=True),
        _whole("number", key=True),
        _text("activity_id", key=True),
        _text("quiz_object"),
        _json("key"),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_table(
        "release",
        _text("organisation_id", key=True),
        _text("course_id", key=True),
        _whole("number", key=True),
        _text("root"),
        _whole("root_bytes"),
        _text("signature"),
        _text("key"),
        _choice("state", "releasestate", "PACKED", "PUBLISHED"),
        _json("title"),
        _json("bytes_by_tier"),
        _json("report"),
        _whole("packed_ms"),
        _whole("published_ms", null=True),
        _refers("organisation_id", "organisation.id"),
    )
    op.create_index("ix_release_root", "release", ["root"])


def _log() -> None:
    op.create_table(
        "actor",
        _text("learner_id", key=True),
        _raw("actor", key=True),
        _text("organisation_id"),
        _text("device_id"),
        _whole("profile"),
    )
    op.create_table(
        "consumer_cursor",
        _text("name", key=True),
        _whole("position"),
    )
    op.create_table(
        "log_entry",
        _whole("position", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("course_id"),
        _text("device_id"),
        _whole("profile"),
        _whole("kind"),
        _raw("hash"),
        _raw("actor"),
        _whole("seq"),
        _raw("body"),
        _whole("parcel_id", null=True),
        _whole("received_ms"),
        sa.UniqueConstraint("organisation_id", "learner_id", "hash", name="log_entry_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("log_entry_of_author", "log_entry", ["learner_id", "course_id", "kind", "actor", "seq"])
    op.create_index("log_entry_of_learner", "log_entry", ["learner_id", "position"])
    op.create_table(
        "parcel",
        _whole("id", key=True),
        _text("organisation_id"),
        _text("device_id"),
        _whole("profile"),
        _raw("header"),
        _raw("items"),
        _raw("signature"),
        _whole("received_ms"),
    )
    op.create_table(
        "parked",
        _whole("id", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("course_id"),
        _text("device_id"),
        _whole("profile"),
        _whole("kind"),
        _raw("hash"),
        _raw("actor"),
        _whole("seq"),
        _raw("body"),
        _whole("parcel_id", null=True),
        _whole("since_ms"),
        sa.UniqueConstraint("learner_id", "hash", name="parked_once"),
    )
    op.create_index("ix_parked_learner_id", "parked", ["learner_id"])
    op.create_index("ix_parked_organisation_id", "parked", ["organisation_id"])
    op.create_table(
        "quarantined",
        _whole("id", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("course_id"),
        _text("device_id"),
        _whole("profile"),
        _whole("kind"),
        _raw("hash"),
        _raw("body"),
        _text("reason"),
        _whole("since_ms"),
        sa.UniqueConstraint("learner_id", "hash", name="quarantined_once"),
    )
    op.create_index("ix_quarantined_learner_id", "quarantined", ["learner_id"])
    op.create_index("ix_quarantined_organisation_id", "quarantined", ["organisation_id"])
    op.create_table(
        "server_state",
        _text("name", key=True),
        _raw("value"),
    )


def _read_models() -> None:
    op.create_table(
        "attempt",
        _text("learner_id", key=True),
        _raw("hash", key=True),
        _text("organisation_id"),
        _text("course_id"),
        _text("activity_id"),
        _whole("release"),
        _whole("number"),
        _text("device_id"),
        _whole("profile"),
        _whole("chain"),
        _whole("started_s"),
        _whole("ended_s"),
        _whole("received_ms"),
        _json("answers"),
        _choice("state", "attemptstate", "WAITING", "GRADED", "EXCESS", "REVIEW"),
        _text("reason"),
        _whole("score"),
        _whole("score_max"),
        _flag("passed"),
        _flag("counts"),
        _json("questions"),
        _whole("graded_ms", null=True),
    )
    op.create_index("attempt_of_learner", "attempt", ["learner_id", "course_id", "activity_id"])
    op.create_index("ix_attempt_organisation_id", "attempt", ["organisation_id"])
    op.create_table(
        "conflict_record",
        _text("id", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("course_id"),
        _whole("kind"),
        _text("key"),
        _text("rule"),
        _whole("rule_version"),
        _json("survivors"),
        _json("outcome", null=True),
        _whole("settled_ms"),
    )
    op.create_index("conflict_of_learner", "conflict_record", ["learner_id", "course_id"])
    op.create_index("ix_conflict_record_organisation_id", "conflict_record", ["organisation_id"])
    op.create_table(
        "device_contact",
        _text("device_id", key=True),
        _whole("profile", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _whole("exchanges"),
        _whole("last_exchange_ms"),
        _whole("waiting_immediate"),
        _whole("waiting_batched"),
        _whole("waiting_eventual"),
        _whole("received_bytes"),
        _whole("sent_bytes"),
        _whole("clock_offset_ms"),
        _whole("cursor"),
        _text("app"),
        _text("language"),
        _whole("stored_bytes"),
        _whole("quota_bytes"),
        _json("releases"),
    )
    op.create_index("ix_device_contact_learner_id", "device_contact", ["learner_id"])
    op.create_index("ix_device_contact_organisation_id", "device_contact", ["organisation_id"])
    op.create_table(
        "survivor",
        _text("learner_id", key=True),
        _text("course_id", key=True),
        _whole("kind", key=True),
        _text("key", key=True),
        _whole("counter", key=True),
        _raw("actor", key=True),
        _text("organisation_id"),
        _whole("value_type"),
        _raw("value"),
    )
    op.create_index("survivor_of_learner", "survivor", ["learner_id", "course_id", "kind", "key"])


def _notices() -> None:
    op.create_table(
        "notification",
        _whole("id", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("device_id"),
        _whole("profile"),
        _text("topic"),
        _text("subject"),
        _text("payload"),
        _choice("state", "notificationstate", "WAITING", "SENT", "FAILED"),
        _whole("attempts"),
        _whole("created_ms"),
        _whole("sent_ms", null=True),
        sa.UniqueConstraint("device_id", "profile", "topic", "subject", name="notification_once"),
    )
    op.create_index("ix_notification_learner_id", "notification", ["learner_id"])
    op.create_index("ix_notification_organisation_id", "notification", ["organisation_id"])
    op.create_table(
        "push_subscription",
        _text("device_id", key=True),
        _whole("profile", key=True),
        _text("organisation_id"),
        _text("learner_id"),
        _text("endpoint"),
        _text("p256dh"),
        _text("auth"),
        _whole("since_ms"),
        _whole("failures"),
    )
    op.create_index("ix_push_subscription_learner_id", "push_subscription", ["learner_id"])
    op.create_index("ix_push_subscription_organisation_id", "push_subscription", ["organisation_id"])
