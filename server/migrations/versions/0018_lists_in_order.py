"""Lists are found by indexes: attempts that wait for a person, conflicts in order, what is known of a device, words on
one record. Notifications by state replace those by organisation, which nobody asked for alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WAITS = sa.text("state IN ('WAITING', 'REVIEW')")


def upgrade() -> None:
    op.create_index(
        "attempt_to_look_at",
        "attempt",
        ["organisation_id", "received_ms"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_index("conflict_in_order", "conflict_record", ["organisation_id", "settled_ms"])
    op.drop_index("ix_conflict_record_organisation_id", "conflict_record")
    op.create_index("notification_by_state", "notification", ["state", "organisation_id"])
    op.drop_index("ix_notification_organisation_id", "notification")
    op.create_index("quarantined_of_device", "quarantined", ["device_id"])
    op.create_index("parked_of_device", "parked", ["device_id"])
    op.create_index("ruling_of_subject", "ruling", ["subject"])


def downgrade() -> None:
    op.drop_index("ruling_of_subject", "ruling")
    op.drop_index("parked_of_device", "parked")
    op.drop_index("quarantined_of_device", "quarantined")
    op.create_index("ix_notification_organisation_id", "notification", ["organisation_id"])
    op.drop_index("notification_by_state", "notification")
    op.create_index("ix_conflict_record_organisation_id", "conflict_record", ["organisation_id"])
    op.drop_index("conflict_in_order", "conflict_record")
    op.drop_index("attempt_to_look_at", "attempt")
