"""Keys of hubs that were ended are remembered; why a hub's round failed is a code, and what was said beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hub_ended_key",
        sa.Column("public_key", sa.LargeBinary(), primary_key=True),
        sa.Column("hub_id", sa.String(), sa.ForeignKey("hub.id"), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("ended_ms", WIDE, nullable=False),
        sa.Column("knocked_ms", WIDE),
    )
    op.create_index("ix_hub_ended_key_hub_id", "hub_ended_key", ["hub_id"])
    op.execute(
        "INSERT INTO hub_ended_key (public_key, hub_id, revoked, ended_ms)"
        " SELECT public_key, min(id), true, min(revoked_ms) FROM hub"
        " WHERE revoked_ms IS NOT NULL AND length(public_key) > 0 GROUP BY public_key"
    )
    op.add_column("upstream", sa.Column("last_error_detail", sa.String(), nullable=False, server_default=sa.text("''")))
    op.execute("UPDATE upstream SET last_error_detail = last_error, last_error = 'failed' WHERE last_error <> ''")


def downgrade() -> None:
    op.execute("UPDATE upstream SET last_error = last_error_detail")
    op.drop_column("upstream", "last_error_detail")
    op.drop_table("hub_ended_key")
