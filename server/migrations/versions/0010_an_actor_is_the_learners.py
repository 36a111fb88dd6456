"""An actor belongs to a learner, whichever of her devices brings what was written under it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("actor")


def downgrade() -> None:
    """As it was, and empty: the first change under an actor binds it anew."""
    op.create_table(
        "actor",
        sa.Column("learner_id", sa.String(), primary_key=True),
        sa.Column("actor", sa.LargeBinary(), primary_key=True),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("profile", sa.Integer(), nullable=False),
    )
