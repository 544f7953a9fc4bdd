"""Swarms, as they are seen live."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "swarms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_swarms_campaign_campaigns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swarms")),
    )
    op.create_index(op.f("ix_swarms_updated"), "swarms", ["updated"], unique=False)
    op.create_index(op.f("ix_swarms_last"), "swarms", ["last"], unique=False)
    op.create_index(op.f("ix_swarms_campaign"), "swarms", ["campaign"], unique=False)


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("swarms")
