"""Every table of the registry; the migrations lead to exactly these."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from crossfix.store.registry.columns import Moment, Words

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> Column[str]:
    return Column("id", Words, primary_key=True)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _maybe(name: str, to: str | None = None) -> Column[Any]:
    return Column(name, Words, *([ForeignKey(to)] if to else []))


def _of(name: str, to: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Words, ForeignKey(to), nullable=False, primary_key=key)


def _moment(name: str) -> Column[Any]:
    return Column(name, Moment, nullable=False)


def _until(name: str) -> Column[Any]:
    return Column(name, Moment)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _number(name: str) -> Column[Any]:
    return Column(name, Float, nullable=False)


def _count(name: str, *, key: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=False, primary_key=key, autoincrement=False)


ACTORS = Table("actors", METADATA, _key(), _json("because"), _moment("made"))

ACCOUNTS = Table(
    "accounts", METADATA, _key(), _words("service"), _moment("first"), _moment("last"),
    _count("events"), _maybe("display_name"), _maybe("url"), _maybe("actor", "actors.id"),
    # The rest has an expiry each, and is null where nothing is said of the account.
    _maybe("state"), _until("state_until"), _maybe("tier"), _until("tier_until"),
    Column("risk", Float), Column("risk_parts", JSON), _until("risk_until"),
    Column("labels", JSON), _moment("updated"), _maybe("state_reason"), _maybe("required_tier"),
    Index(None, "service"), Index(None, "actor"), Index(None, "state"), Index(None, "updated"),
)  # fmt: skip

CAMPAIGNS = Table(
    "campaigns", METADATA, _key(), _number("coordination"), _number("inauthenticity"),
    _json("services"), _moment("first"), _moment("last"), _words("summary"), _count("breakout"),
    _json("document"), _moment("made"), _moment("updated"),
    # What a person said of it, and until when.
    Column("status", Words, nullable=False, server_default="seen"), _until("status_until"),
    Index(None, "updated"),
)  # fmt: skip

CAMPAIGN_MEMBERS = Table(
    "campaign_members", METADATA, _of("campaign", "campaigns.id", key=True),
    Column("account", Words, primary_key=True), _number("score"),
    _moment("joined"), _until("left"), Index(None, "account"),
)  # fmt: skip

CAMPAIGN_HISTORY = Table(
    "campaign_history", METADATA, _of("campaign", "campaigns.id", key=True),
    Column("time", Moment, primary_key=True), _words("what"), _json("joined"), _json("left"),
    _json("others"),
)  # fmt: skip

FINGERPRINTS = Table(
    "fingerprints", METADATA, _key(), _words("kind"), _words("key"), _words("source"),
    _maybe("campaign", "campaigns.id"), _number("confidence"), _moment("made"), _until("expires"),
    UniqueConstraint("kind", "key", "source"), Index(None, "campaign"), Index(None, "expires"),
)  # fmt: skip

INDICATORS = Table(
    "indicators", METADATA, _key(), _words("kind"), _words("value"), _words("source"),
    _words("marking"), _number("confidence"), _maybe("campaign", "campaigns.id"), _moment("made"),
    _until("expires"), UniqueConstraint("kind", "value", "source"), Index(None, "campaign"),
    Index(None, "expires"),
)  # fmt: skip

SWARMS = Table(
    "swarms", METADATA, _key(), _number("strength"), _json("accounts"), _moment("first"),
    _moment("last"), _maybe("campaign", "campaigns.id"), _words("status"), _json("document"),
    _moment("made"), _moment("updated"), Index(None, "updated"), Index(None, "last"),
    Index(None, "campaign"),
)  # fmt: skip

POLICIES = Table(
    "policies", METADATA, _key(), _words("title"), _words("level"), _words("status"),
    _count("version"), _moment("updated"), Index(None, "status"),
)  # fmt: skip

POLICY_VERSIONS = Table(
    "policy_versions", METADATA, _of("policy", "policies.id", key=True),
    _count("version", key=True), _words("text"), _words("sha256"), _words("author"),
    _moment("made"),
)  # fmt: skip

DECISIONS = Table(
    "decisions", METADATA, _key(), _words("event"), _words("account"), _moment("time"),
    _words("answer"), _json("reasons"), _maybe("policy", "policies.id"),
    Column("degraded", Boolean, nullable=False),
    Index(None, "account", "time"), Index(None, "time"), Index(None, "policy"),
)  # fmt: skip

CASES = Table(
    "cases", METADATA, _key(), _words("kind"), _words("subject"), _words("queue"),
    _words("status"), _number("priority"), _maybe("assignee", "users.id"), _moment("opened"),
    _until("closed"), Index(None, "queue", "status"), Index(None, "subject"),
)  # fmt: skip

VERDICTS = Table(
    "verdicts", METADATA, _key(), _of("case", "cases.id"), _of("reviewer", "users.id"),
    _moment("time"), _words("conclusion"), _number("confidence"), _maybe("note"),
    Index(None, "case"),
)  # fmt: skip

ACTIONS = Table(
    "actions", METADATA, _key(), _words("kind"), _words("target_kind"), _words("target"),
    _words("reason"), _maybe("case", "cases.id"), _maybe("policy", "policies.id"), _words("by"),
    _maybe("confirmed_by"), _moment("made"), _moment("effective"), _until("expires"),
    _maybe("undoes", "actions.id"), _words("status"), Index(None, "target_kind", "target"),
    Index(None, "case"), Index(None, "expires"),
)  # fmt: skip

APPEALS = Table(
    "appeals", METADATA, _key(), _of("action", "actions.id"), _words("text"), _words("status"),
    _moment("made"), _until("decided"), _maybe("decided_by", "users.id"), _maybe("because"),
    Index(None, "action"), Index(None, "status"),
)  # fmt: skip

PEERS = Table(
    "peers", METADATA, _key(), _words("name"), _words("kind"), _words("url"), _maybe("key"),
    _json("markings"), _words("status"), _moment("made"), _until("seen"), UniqueConstraint("name"),
)  # fmt: skip

RELEASES = Table(
    "releases", METADATA, _key(), _of("peer", "peers.id"), _words("object"), _words("form"),
    _words("marking"), _words("by"), _words("status"), _moment("time"), _until("withdrawn"),
    Index(None, "peer", "time"), Index(None, "object"),
)  # fmt: skip

USERS = Table(
    "users", METADATA, _key(), _words("name"), _words("role"), _words("password_hash"),
    Column("disabled", Boolean, nullable=False), _moment("made"), _until("seen"),
    UniqueConstraint("name"),
)  # fmt: skip

TOKENS = Table(
    "tokens", METADATA, _key(), _of("user", "users.id"), _words("sha256"), _json("scopes"),
    _moment("made"), _until("expires"), _until("seen"), UniqueConstraint("sha256"),
    Index(None, "user"),
)  # fmt: skip

KEYS = Table(
    "keys", METADATA, _key(), _words("name"), _words("role"), _json("scopes"),
    _maybe("organisation"), _json("identity"), _moment("made"), _until("expires"),
    _until("revoked"), UniqueConstraint("name"),
)  # fmt: skip

KEY_SECRETS = Table(
    "key_secrets", METADATA, Column("sha256", Words, primary_key=True), _of("key", "keys.id"),
    _words("prefix"), _moment("made"), _until("expires"), Index(None, "key"),
)  # fmt: skip

PROFILES = Table(
    "profiles", METADATA, Column("account", Words, primary_key=True),
    Column("profile", LargeBinary, nullable=False), _moment("updated"), Index(None, "updated"),
)  # fmt: skip

SPEND = Table(
    "spend", METADATA, Column("holder", Words, primary_key=True),
    Column("period", Words, primary_key=True), Column("amount", BigInteger, nullable=False),
    _moment("updated"), Index(None, "period"),
)  # fmt: skip

FACTORS = Table(
    "factors", METADATA, _key(), _words("account"), _words("kind"), _words("handle"),
    Column("secret", LargeBinary), Column("counter", BigInteger, nullable=False), _moment("made"),
    _until("used"), Index(None, "account"), Index(None, "kind", "handle"),
)  # fmt: skip

TICKETS = Table(
    "tickets", METADATA, _key(), _words("account"), _moment("ends"), _until("spent"),
    _json("document"), Index(None, "ends"), Index(None, "account"),
)  # fmt: skip

TRIES = Table(
    "tries", METADATA, Column("holder", Words, primary_key=True), _count("count"),
    _moment("ends"), Index(None, "ends"),
)  # fmt: skip

RECEIVED = Table("received", METADATA, _key(), _moment("time"), Index(None, "time"))

DATA_KEYS = Table(
    "data_keys", METADATA, _key(), _words("account"), Column("wrapped", LargeBinary),
    _moment("made"), _until("destroyed"), Index(None, "account"),
)  # fmt: skip
