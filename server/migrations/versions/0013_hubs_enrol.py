"""A hub enrols learners: what it added, until its upstream has it; and there, which hub added whom."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # What hubs are given stands sealed from now on. Codes from before stay good here, and at hubs that heard of them.
    op.execute("UPDATE joincode SET carried = ''")
    op.add_column("joincode", sa.Column("hub_id", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_joincode_hub_id", "joincode", ["hub_id"])
    op.create_table(
        "hub_addition",
        *(_id(), _text("name"), _text("kind"), _reference("learner_id", "learner.id"), _text("subject")),
        *(_whole("added_ms"), sa.Column("delivered_epoch", sa.LargeBinary(), nullable=False), _text("refused")),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_hub_addition_learner_id", "hub_addition", ["learner_id"])
    op.create_table(
        "hub_added",
        *(_id(), _text("organisation_id"), _reference("hub_id", "hub.id"), _text("name"), _text("kind")),
        *(_reference("learner_id", "learner.id"), _text("subject"), _text("namesake_id"), _whole("at_ms")),
        sa.UniqueConstraint("hub_id", "name", name="hub_added_once"),
    )
    op.create_index("ix_hub_added_learner_id", "hub_added", ["learner_id"])
    op.create_index("hub_added_in_order", "hub_added", ["organisation_id", "id"])


def downgrade() -> None:
    op.drop_table("hub_added")
    op.drop_table("hub_addition")
    op.drop_index("ix_joincode_hub_id", "joincode")
    op.drop_column("joincode", "hub_id")


def _id() -> sa.Column[int]:
    return sa.Column("id", WIDE, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, WIDE, nullable=False)


def _reference(name: str, to: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), sa.ForeignKey(to), nullable=False)
