"""What trainers say over what the machine found, and attempts that a trainer refused."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = (
    "organisation_id",
    "course_id",
    "activity_id",
    "learner_id",
    "word",
    "subject",
    "question",
    "comment",
    "account_id",
)


def upgrade() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("release", WIDE, nullable=True),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("at_ms", WIDE, nullable=False),
    )
    op.create_index("ruling_of_assessment", "ruling", ["organisation_id", "course_id", "activity_id", "learner_id"])
    op.create_index("ruling_in_order", "ruling", ["organisation_id", "at_ms"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps a state as text
        op.execute("ALTER TYPE attemptstate ADD VALUE IF NOT EXISTS 'REFUSED'")


def downgrade() -> None:
    op.drop_table("ruling")  # a value of a type cannot be dropped; nothing writes it then
