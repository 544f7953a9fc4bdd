"""What the guard keeps: API keys, profiles of behaviour, spend, and why an account stands so."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("state_reason", sa.Text(), nullable=True))
        accounts.add_column(sa.Column("required_tier", sa.Text(), nullable=True))
    op.create_index(op.f("ix_accounts_updated"), "accounts", ["updated"], unique=False)
    op.create_table(
        "keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("name", name=op.f("uq_keys_name")),
    )
    op.create_table(
        "key_secrets",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name=op.f("fk_key_secrets_key")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_key_secrets")),
    )
    op.create_index(op.f("ix_key_secrets_key"), "key_secrets", ["key"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_profiles")),
    )
    op.create_index(op.f("ix_profiles_updated"), "profiles", ["updated"], unique=False)
    op.create_table(
        "spend",
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holder", "period", name=op.f("pk_spend")),
    )
    op.create_index(op.f("ix_spend_period"), "spend", ["period"], unique=False)


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(op.f("ix_spend_period"), "spend")
    op.drop_table("spend")
    op.drop_index(op.f("ix_profiles_updated"), "profiles")
    op.drop_table("profiles")
    op.drop_index(op.f("ix_key_secrets_key"), "key_secrets")
    op.drop_table("key_secrets")
    op.drop_table("keys")
    op.drop_index(op.f("ix_accounts_updated"), "accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("required_tier")
        accounts.drop_column("state_reason")
