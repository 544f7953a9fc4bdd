"""The one writer of the campaigns of the registry, their members and their history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import CAMPAIGN_HISTORY, CAMPAIGN_MEMBERS, CAMPAIGNS

CampaignState = Literal["seen", "confirmed", "dismissed"]

TEXT_MARKS = frozenset({"text", "near_text"})
"""Kinds of marks whose value is a text that an account wrote."""

CAMPAIGN_STATES: tuple[CampaignState, ...] = get_args(CampaignState)
"""What is known of a campaign: seen alone, or what a person said of it."""


class StoredMember(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a campaign: since when, and until when if it is in it no more."""

    account: str
    score: float
    joined: datetime | None = None
    left: datetime | None = None


class StoredChange(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a campaign in one run: new, same, grown, shrunk, split or merged."""

    what: str
    time: datetime | None = None
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class StoredCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as the registry keeps it.

    ``document`` is the whole of it as data (JSON), with what members wrote sealed; the other fields
    are what campaigns are found and ordered by. ``members`` are those of now. ``status`` is what a
    person said of it, ``status_until`` until when that has an effect; a run changes neither.
    """

    id: str
    coordination: float
    inauthenticity: float
    services: tuple[str, ...]
    first: datetime
    last: datetime
    summary: str
    breakout: int
    document: dict[str, Any]
    members: tuple[StoredMember, ...]
    status: CampaignState = "seen"
    status_until: datetime | None = None


class CampaignTable:
    """Campaigns, whose identity lasts from run to run."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def save(
        self, campaigns: Iterable[tuple[StoredCampaign, StoredChange]], *, now: datetime
    ) -> None:
        """Keep what one run found, all of it or nothing.

        Members that are not given any more have left ``now``; those that come back have not.
        Saving the same run twice changes nothing.
        """
        with self._registry.writing() as connection:
            for campaign, change in campaigns:
                _save_campaign(connection, campaign, now)
                _save_members(connection, campaign, now)
                row = msgspec.structs.asdict(change) | {"campaign": campaign.id, "time": now}
                news = dict.fromkeys(("what", "joined", "left", "others"), "new")
                upsert(connection, CAMPAIGN_HISTORY, [row], news)

    def say(self, id: str, status: CampaignState, *, until: datetime | None = None) -> bool:
        """Note what a person said of a campaign; tell whether there is one of this id."""
        change = CAMPAIGNS.update().where(CAMPAIGNS.c.id == id)
        with self._registry.writing() as connection:
            done = connection.execute(change.values(status=status, status_until=until))
            return bool(done.rowcount)

    def forget_texts(self, *, before: datetime) -> int:
        """Remove what members wrote from campaigns that no run found since a moment.

        Who did what, when and with whom stays. Returns how many campaigns held any.
        """
        query = sa.select(CAMPAIGNS.c.id, CAMPAIGNS.c.document)
        forgotten = 0
        with self._registry.writing() as connection:
            rows = connection.execute(query.where(CAMPAIGNS.c.updated < before)).all()
            for id, document in rows:
                left = without_texts(document)
                if left != document:
                    change = CAMPAIGNS.update().where(CAMPAIGNS.c.id == id)
                    connection.execute(change.values(document=left))
                    forgotten += 1
        return forgotten

    def get(self, id: str) -> StoredCampaign | None:
        """Return a campaign, or nothing where there is none of this id."""
        return next(iter(self._found(CAMPAIGNS.c.id == id)), None)

    def all(self, *, since: datetime | None = None) -> list[StoredCampaign]:
        """Return the campaigns that a run found ``since`` then, by id."""
        return self._found(CAMPAIGNS.c.updated >= since if since is not None else sa.true())

    def of_account(self, account: str) -> list[str]:
        """Return the ids of the campaigns that an account is in now."""
        query = (
            sa.select(CAMPAIGN_MEMBERS.c.campaign)
            .where(CAMPAIGN_MEMBERS.c.account == account, CAMPAIGN_MEMBERS.c.left.is_(None))
            .order_by(CAMPAIGN_MEMBERS.c.campaign)
        )
        with self._registry.reading() as connection:
            return list(connection.execute(query).scalars())

    def members(self, id: str) -> list[StoredMember]:
        """Return all members that a campaign has or had, by account."""
        query = _members().where(CAMPAIGN_MEMBERS.c.campaign == id)
        with self._registry.reading() as connection:
            return [_member(row) for row in connection.execute(query)]

    def history(self, id: str) -> list[StoredChange]:
        """Return what became of a campaign, run by run."""
        table = CAMPAIGN_HISTORY
        query = sa.select(table).where(table.c.campaign == id).order_by(table.c.time)
        with self._registry.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [msgspec.convert({k: r[k] for k in StoredChange.__struct_fields__}, StoredChange)
                for r in rows]  # fmt: skip

    def _found(self, condition: sa.ColumnElement[bool]) -> list[StoredCampaign]:
        with self._registry.reading() as connection:
            query = sa.select(CAMPAIGNS).where(condition).order_by(CAMPAIGNS.c.id)
            rows = connection.execute(query).mappings().all()
            members: dict[str, list[StoredMember]] = {row["id"]: [] for row in rows}
            joined = _members().join(CAMPAIGNS).where(condition, CAMPAIGN_MEMBERS.c.left.is_(None))
            for row in connection.execute(joined):
                members[row.campaign].append(_member(row))
        return [
            StoredCampaign(
                **{k: row[k] for k in (*_COLUMNS, "status", "status_until")},
                services=tuple(row["services"]),
                members=tuple(members[row["id"]]),
            )
            for row in rows
        ]  # fmt: skip


_COLUMNS = ("id", "coordination", "inauthenticity", "first", "last", "summary", "breakout",
            "document")  # fmt: skip


def without_texts(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a campaign without what members wrote and are called."""
    silent = {"text": None, "url": None}
    return document | {
        "members": [m | {"display_name": None, "url": None} for m in document.get("members", ())],
        "evidence": [
            shared | {"key": "", "posts": [post | silent for post in shared["posts"]]}
            for shared in document.get("evidence", ())
        ],
        "fan_outs": [fan_out | {"prompt": None} for fan_out in document.get("fan_outs", ())],
        "marks": [m for m in document.get("marks", ()) if m["kind"] not in TEXT_MARKS],
    }


def _save_campaign(connection: sa.Connection, campaign: StoredCampaign, now: datetime) -> None:
    row = {k: getattr(campaign, k) for k in (*_COLUMNS, "services")} | {"made": now, "updated": now}
    news = dict.fromkeys([k for k in row if k not in {"id", "made"}], "new")
    upsert(connection, CAMPAIGNS, [row], news)


def _save_members(connection: sa.Connection, campaign: StoredCampaign, now: datetime) -> None:
    table = CAMPAIGN_MEMBERS
    here = {m.account for m in campaign.members}
    query = sa.select(table.c.account).where(
        table.c.campaign == campaign.id, table.c.left.is_(None)
    )
    gone = [a for a in connection.execute(query).scalars() if a not in here]
    if gone:
        leave = table.update().where(
            table.c.campaign == campaign.id, table.c.account == sa.bindparam("gone")
        )
        connection.execute(leave.values(left=now), [{"gone": a} for a in gone])
    rows = [
        {"campaign": campaign.id, "account": m.account, "score": m.score, "joined": now,
         "left": None}
        for m in campaign.members
    ]  # fmt: skip
    upsert(connection, table, rows, {"score": "new", "left": "new"})


def _members() -> sa.Select[Any]:
    return sa.select(CAMPAIGN_MEMBERS).order_by(
        CAMPAIGN_MEMBERS.c.campaign, CAMPAIGN_MEMBERS.c.account
    )


def _member(row: sa.Row[Any]) -> StoredMember:
    return StoredMember(account=row.account, score=row.score, joined=row.joined, left=row.left)
