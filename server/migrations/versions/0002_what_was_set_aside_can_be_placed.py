"""What was set aside keeps all that placing it needs: its place in the chain, the hash before it, its evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("parked") as table:
        table.add_column(sa.Column("previous", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("quarantined") as table:
        table.add_column(sa.Column("seq", WIDE, nullable=False, server_default="0"))
        table.add_column(sa.Column("previous", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
        table.add_column(sa.Column("parcel_id", WIDE, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("quarantined") as table:
        for name in ("parcel_id", "previous", "seq"):
            table.drop_column(name)
    with op.batch_alter_table("parked") as table:
        table.drop_column("previous")
