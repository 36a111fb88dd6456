"""A hub goes on behind damage to its upstream's history, and remembers whose entries it has yet to hear."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upstream", sa.Column("held", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    op.drop_column("upstream", "held")
