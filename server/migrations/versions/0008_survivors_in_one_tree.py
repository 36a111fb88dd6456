"""What survives of a document lies in one tree: its key is its place, and every question begins with it.

The table can be made again from the log, but need not be: its rows are carried over. On PostgreSQL, where a table is
not its key's tree, only the index that repeated the key goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = ("learner_id", "course_id", "kind", "key")


def upgrade() -> None:
    op.drop_index("survivor_of_learner", "survivor")
    if op.get_bind().dialect.name == "sqlite":
        _make_again(sqlite_with_rowid=False)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_again(sqlite_with_rowid=True)
    op.create_index("survivor_of_learner", "survivor", list(KEY))


def _make_again(*, sqlite_with_rowid: bool) -> None:
    op.rename_table("survivor", "survivor_before")
    op.create_table(
        "survivor",
        sa.Column("learner_id", sa.String(), primary_key=True),
        sa.Column("course_id", sa.String(), primary_key=True),
        sa.Column("kind", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("counter", sa.Integer(), primary_key=True),
        sa.Column("actor", sa.LargeBinary(), primary_key=True),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("value_type", sa.Integer(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sqlite_with_rowid=sqlite_with_rowid,
    )
    op.execute("INSERT INTO survivor SELECT * FROM survivor_before")
    op.drop_table("survivor_before")
