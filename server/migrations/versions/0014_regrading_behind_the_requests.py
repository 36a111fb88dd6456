"""Grading everyone's attempts at a quiz again goes on behind the requests; an index tells whose they are.

It also answers what was asked of the two indexes that go: an attempt is now written into three trees, not four.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regrading",
        sa.Column("organisation_id", sa.String(), primary_key=True),
        sa.Column("course_id", sa.String(), primary_key=True),
        sa.Column("activity_id", sa.String(), primary_key=True),
        sa.Column("after_learner", sa.String(), nullable=False),
    )
    op.create_index("attempt_of_assessment", "attempt", ["organisation_id", "course_id", "activity_id", "learner_id"])
    op.drop_index("attempt_of_learner", "attempt")
    op.drop_index("ix_attempt_organisation_id", "attempt")


def downgrade() -> None:
    op.create_index("ix_attempt_organisation_id", "attempt", ["organisation_id"])
    op.create_index("attempt_of_learner", "attempt", ["learner_id", "course_id", "activity_id"])
    op.drop_index("attempt_of_assessment", "attempt")
    op.drop_table("regrading")
