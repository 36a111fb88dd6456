"""Old bodies lie in segments: a table for them, and which one holds an entry's."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("id", WIDE, primary_key=True),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("learner_id", sa.String(), nullable=False),
        sa.Column("first_position", WIDE, nullable=False),
        sa.Column("last_position", WIDE, nullable=False),
        sa.Column("entries", WIDE, nullable=False),
        sa.Column("size", WIDE, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", WIDE, nullable=False),
    )
    op.create_index("segment_of_learner", "segment", ["learner_id", "last_position"])
    op.add_column("log_entry", sa.Column("segment_id", WIDE, nullable=True))


def downgrade() -> None:
    """Bodies that lie in segments stay there: an older server could not read them."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM segment LIMIT 1")).first():
        raise NotImplementedError("Old history is in segments. Restore a backup of the older version instead.")
    op.drop_column("log_entry", "segment_id")
    op.drop_table("segment")
