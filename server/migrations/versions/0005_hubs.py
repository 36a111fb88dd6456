"""Hubs: who they are, what they bring, and what a hub keeps until its upstream has it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _upstream()
    _hub()


def downgrade() -> None:
    op.drop_column("joincode", "carried")
    for table in ("hub_incident", "hub", "upstream", "cargo", "hub_join"):
        op.drop_table(table)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, WIDE, nullable=null)


def _raw(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", WIDE, primary_key=True)


def _upstream() -> None:
    op.add_column("joincode", sa.Column("carried", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "hub",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        *(_text("name"), _text("code"), _whole("code_expires_ms"), _raw("public_key"), _whole("added_ms")),
        *(_whole(name, null=True) for name in ("joined_ms", "revoked_ms", "last_uplink_ms")),
        *(_whole("waiting"), _whole("oldest_cargo_ms", null=True), _whole("refused")),
    )
    op.create_index("ix_hub_organisation_id", "hub", ["organisation_id"])
    op.create_index("ix_hub_code", "hub", ["code"])
    op.create_table(
        "hub_incident",
        *(_id(), _text("organisation_id")),
        sa.Column("hub_id", sa.String(), sa.ForeignKey("hub.id"), nullable=False),
        *(_text("device_id"), _text("reason"), _raw("hash"), _raw("body"), _whole("at_ms")),
        sa.UniqueConstraint("hub_id", "hash", name="hub_incident_once"),
    )
    op.create_index("ix_hub_incident_organisation_id", "hub_incident", ["organisation_id"])


def _hub() -> None:
    op.create_table(
        "upstream",
        *(_id(), _text("url"), _text("hub_id"), _text("name"), _text("organisation_id")),
        *(_raw("epoch"), _whole("cursor"), _whole("joined_ms"), _whole("last_uplink_ms", null=True)),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("sections", "told")),
        *(_text("last_error"), sa.Column("doubtful", sa.Boolean(), nullable=False)),
    )
    op.create_table(
        "cargo",
        *(_id(), _text("device_id"), _whole("profile"), _whole("tier"), _raw("hash"), _raw("body")),
        *(_whole("received_ms"), _raw("delivered_epoch"), _text("refused")),
        sa.UniqueConstraint("hash", name="cargo_once"),
    )
    op.create_index("cargo_in_order", "cargo", ["tier", "id"])
    op.create_table(
        "hub_join",
        *(_id(), _text("device_id"), _whole("profile"), _text("code"), _text("public_key"), _text("proof")),
        *(_text("label"), _text("language"), _whole("joined_ms"), _raw("delivered_epoch"), _text("refused")),
        sa.UniqueConstraint("device_id", "profile", name="hub_join_once"),
    )
