"""A pack belongs to the home folder where its course lies, and counts how often a worker ended over it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody wrote down where the packs lie that were asked for before: what has not ended is to be asked for again."""
    op.add_column("pack", sa.Column("home", sa.String(), nullable=False, server_default=""))
    op.add_column("pack", sa.Column("deaths", WIDE, nullable=False, server_default="0"))
    op.add_column("packstep", sa.Column("deaths", WIDE, nullable=False, server_default="0"))
    op.execute("UPDATE pack SET state = 'STOPPED', ended_ms = asked_ms WHERE state IN ('WAITING', 'WORKING')")


def downgrade() -> None:
    op.drop_column("packstep", "deaths")
    op.drop_column("pack", "deaths")
    op.drop_column("pack", "home")
