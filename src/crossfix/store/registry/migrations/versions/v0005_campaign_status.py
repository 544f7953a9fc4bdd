"""What a person said of a campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column(
        "campaigns", sa.Column("status", sa.Text(), server_default="seen", nullable=False)
    )
    op.add_column("campaigns", sa.Column("status_until", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_column("campaigns", "status_until")
    op.drop_column("campaigns", "status")
