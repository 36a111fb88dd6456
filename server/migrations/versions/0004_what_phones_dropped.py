"""How many events each phone had no room for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("device_contact", sa.Column("events_dropped", WIDE, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("device_contact", "events_dropped")
