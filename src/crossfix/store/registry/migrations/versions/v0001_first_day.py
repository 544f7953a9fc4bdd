"""The tables of the first day."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.create_table(
        "actors",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actors")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("coordination", sa.Float(), nullable=False),
        sa.Column("inauthenticity", sa.Float(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("breakout", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_updated"), "campaigns", ["updated"], unique=False)

    op.create_table(
        "peers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("markings", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peers")),
        sa.UniqueConstraint("name", name=op.f("uq_peers_name")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_index(op.f("ix_policies_status"), "policies", ["status"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("state_until", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("tier_until", sa.BigInteger(), nullable=True),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("risk_parts", sa.JSON(), nullable=True),
        sa.Column("risk_until", sa.BigInteger(), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["actors.id"], name=op.f("fk_accounts_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_actor"), "accounts", ["actor"], unique=False)
    op.create_index(op.f("ix_accounts_service"), "accounts", ["service"], unique=False)
    op.create_index(op.f("ix_accounts_state"), "accounts", ["state"], unique=False)

    op.create_table(
        "campaign_history",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("joined", sa.JSON(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_campaign_history_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign", "time", name=op.f("pk_campaign_history")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_campaign_members_campaign")
        ),
        sa.PrimaryKeyConstraint("campaign", "account", name=op.f("pk_campaign_members")),
    )
    op.create_index(
        op.f("ix_campaign_members_account"), "campaign_members", ["account"], unique=False
    )

    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["assignee"], ["users.id"], name=op.f("fk_cases_assignee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_queue_status"), "cases", ["queue", "status"], unique=False)
    op.create_index(op.f("ix_cases_subject"), "cases", ["subject"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["policy"], ["policies.id"], name=op.f("fk_decisions_policy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(
        op.f("ix_decisions_account_time"), "decisions", ["account", "time"], unique=False
    )
    op.create_index(op.f("ix_decisions_policy"), "decisions", ["policy"], unique=False)
    op.create_index(op.f("ix_decisions_time"), "decisions", ["time"], unique=False)

    op.create_table(
        "fingerprints",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_fingerprints_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fingerprints")),
        sa.UniqueConstraint("kind", "key", "source", name=op.f("uq_fingerprints_kind_key_source")),
    )
    op.create_index(op.f("ix_fingerprints_campaign"), "fingerprints", ["campaign"], unique=False)
    op.create_index(op.f("ix_fingerprints_expires"), "fingerprints", ["expires"], unique=False)

    op.create_table(
        "indicators",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("marking", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_indicators_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicators")),
        sa.UniqueConstraint(
            "kind", "value", "source", name=op.f("uq_indicators_kind_value_source")
        ),
    )
    op.create_index(op.f("ix_indicators_campaign"), "indicators", ["campaign"], unique=False)
    op.create_index(op.f("ix_indicators_expires"), "indicators", ["expires"], unique=False)

    op.create_table(
        "policy_versions",
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy"], ["policies.id"], name=op.f("fk_policy_versions_policy")
        ),
        sa.PrimaryKeyConstraint("policy", "version", name=op.f("pk_policy_versions")),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("marking", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["peer"], ["peers.id"], name=op.f("fk_releases_peer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_object"), "releases", ["object"], unique=False)
    op.create_index(op.f("ix_releases_peer_time"), "releases", ["peer", "time"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_tokens_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_index(op.f("ix_tokens_user"), "tokens", ["user"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("effective", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_actions_case")),
        sa.ForeignKeyConstraint(["policy"], ["policies.id"], name=op.f("fk_actions_policy")),
        sa.ForeignKeyConstraint(["undoes"], ["actions.id"], name=op.f("fk_actions_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    op.create_index(op.f("ix_actions_case"), "actions", ["case"], unique=False)
    op.create_index(op.f("ix_actions_expires"), "actions", ["expires"], unique=False)
    op.create_index(
        op.f("ix_actions_target_kind_target"), "actions", ["target_kind", "target"], unique=False
    )

    op.create_table(
        "verdicts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name=op.f("fk_verdicts_case")),
        sa.ForeignKeyConstraint(["reviewer"], ["users.id"], name=op.f("fk_verdicts_reviewer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_case"), "verdicts", ["case"], unique=False)

    op.create_table(
        "appeals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["action"], ["actions.id"], name=op.f("fk_appeals_action")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_appeals_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    op.create_index(op.f("ix_appeals_action"), "appeals", ["action"], unique=False)
    op.create_index(op.f("ix_appeals_status"), "appeals", ["status"], unique=False)


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index(op.f("ix_appeals_status"), "appeals")
    op.drop_index(op.f("ix_appeals_action"), "appeals")

    op.drop_table("appeals")
    op.drop_index(op.f("ix_verdicts_case"), "verdicts")

    op.drop_table("verdicts")
    op.drop_index(op.f("ix_actions_target_kind_target"), "actions")
    op.drop_index(op.f("ix_actions_expires"), "actions")
    op.drop_index(op.f("ix_actions_case"), "actions")

    op.drop_table("actions")
    op.drop_index(op.f("ix_tokens_user"), "tokens")

    op.drop_table("tokens")
    op.drop_index(op.f("ix_releases_peer_time"), "releases")
    op.drop_index(op.f("ix_releases_object"), "releases")

    op.drop_table("releases")
    op.drop_table("policy_versions")
    op.drop_index(op.f("ix_indicators_expires"), "indicators")
    op.drop_index(op.f("ix_indicators_campaign"), "indicators")

    op.drop_table("indicators")
    op.drop_index(op.f("ix_fingerprints_expires"), "fingerprints")
    op.drop_index(op.f("ix_fingerprints_campaign"), "fingerprints")

    op.drop_table("fingerprints")
    op.drop_index(op.f("ix_decisions_time"), "decisions")
    op.drop_index(op.f("ix_decisions_policy"), "decisions")
    op.drop_index(op.f("ix_decisions_account_time"), "decisions")

    op.drop_table("decisions")
    op.drop_index(op.f("ix_cases_subject"), "cases")
    op.drop_index(op.f("ix_cases_queue_status"), "cases")

    op.drop_table("cases")
    op.drop_index(op.f("ix_campaign_members_account"), "campaign_members")

    op.drop_table("campaign_members")
    op.drop_table("campaign_history")
    op.drop_index(op.f("ix_accounts_state"), "accounts")
    op.drop_index(op.f("ix_accounts_service"), "accounts")
    op.drop_index(op.f("ix_accounts_actor"), "accounts")

    op.drop_table("accounts")
    op.drop_table("users")
    op.drop_index(op.f("ix_policies_status"), "policies")

    op.drop_table("policies")
    op.drop_table("peers")
    op.drop_index(op.f("ix_campaigns_updated"), "campaigns")

    op.drop_table("campaigns")
    op.drop_table("actors")
