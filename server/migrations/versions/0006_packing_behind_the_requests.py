"""Packing as work that outlives the process: what was asked for, and its rungs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("WAITING", "WORKING", "DONE", "FAILED", "STOPPED")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, WIDE, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def upgrade() -> None:
    state = sa.Enum(*STATES, name="packstate")
    op.create_table(
        "pack",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        *(_text("course_id"), _text("folder"), _flag("publish"), sa.Column("state", state, nullable=False)),
        *(_text("problem"), sa.Column("releases", sa.JSON(), nullable=False)),
        *(_whole("asked_ms"), _whole("ended_ms", null=True)),
    )
    op.create_index("ix_pack_organisation_id", "pack", ["organisation_id"])
    op.create_table(
        "packstep",
        sa.Column("pack_id", sa.String(), sa.ForeignKey("pack.id"), primary_key=True),
        sa.Column("position", WIDE, primary_key=True),
        *(_text("video"), _text("digest"), _text("rung"), _flag("first")),
        sa.Column("state", _same(state), nullable=False),
        *(_whole("done_ms"), _whole("total_ms"), _text("problem")),
    )


def _same(state: sa.Enum) -> sa.types.TypeEngine[str]:
    """The type that stands already, on PostgreSQL."""
    if op.get_bind().dialect.name != "postgresql":
        return state
    from sqlalchemy.dialects import postgresql

    return postgresql.ENUM(*STATES, name="packstate", create_type=False)


def downgrade() -> None:
    op.drop_table("packstep")
    op.drop_table("pack")
    sa.Enum(name="packstate").drop(op.get_bind(), checkfirst=True)
