"""Photographs that answer a question, and the pieces of those that are coming."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key() -> tuple[sa.Column[str], sa.Column[bytes]]:
    return (
        sa.Column("learner_id", sa.String(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), primary_key=True),
    )


def upgrade() -> None:
    op.create_table(
        "picture",
        *_key(),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        *(sa.Column(name, WIDE, nullable=False) for name in ("profile", "length", "held", "since_ms")),
        sa.Column("state", sa.Enum("COMING", "KEPT", "UNREADABLE", name="picturestate"), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("body", "shown", "signature")),
        sa.Column("whole_ms", WIDE, nullable=True),
    )
    op.create_index("ix_picture_organisation_id", "picture", ["organisation_id"])
    op.create_table(
        "picture_piece",
        *_key(),
        sa.Column("at", WIDE, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("picture_piece")
    op.drop_table("picture")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TYPE picturestate")
