"""How far a pack is while its films are looked at, before anything is encoded."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("films", "films_opened", "to_look_ms", "looked_ms")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("pack", sa.Column(name, WIDE, nullable=False, server_default="0"))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("pack", name)
