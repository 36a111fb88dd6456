"""Segments that are not as they were written are noted, until they are healed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "damage",
        sa.Column("segment_id", WIDE, primary_key=True, autoincrement=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("lost", WIDE, nullable=False),
        sa.Column("found_ms", WIDE, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("damage")
