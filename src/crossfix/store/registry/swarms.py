"""The one writer of the swarms of the registry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import SWARMS

SwarmState = Literal["seen", "allowed", "confirmed", "dismissed"]

SWARM_STATES: tuple[SwarmState, ...] = get_args(SwarmState)
"""What is known of a swarm: seen alone, covered by an allow-list, or what a person said of it."""


class StoredSwarm(msgspec.Struct, frozen=True, kw_only=True):
    """A swarm as the registry keeps it; ``document`` is the whole of it as plain data."""

    id: str
    strength: float
    accounts: tuple[str, ...]
    first: datetime
    last: datetime
    document: dict[str, Any]
    campaign: str | None = None
    status: SwarmState = "seen"


class SwarmTable:
    """Accounts on one rare key within minutes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def save(self, swarms: Iterable[StoredSwarm], *, now: datetime) -> None:
        """Keep swarms as they are now; what a person said of one stays."""
        rows = [
            msgspec.structs.asdict(s) | {"accounts": list(s.accounts), "made": now, "updated": now}
            for s in swarms
        ]
        news = ("strength", "accounts", "first", "last", "document", "updated")
        update: dict[str, Any] = dict.fromkeys(news, "new") | {"campaign": sa.func.coalesce}
        update["status"] = lambda new, kept: sa.case(
            (sa.or_(kept == "confirmed", kept == "dismissed"), kept), else_=new
        )
        with self._registry.writing() as connection:
            upsert(connection, SWARMS, rows, update)

    def say(self, id: str, status: SwarmState, *, now: datetime) -> bool:
        """Note what a person said of a swarm; tell whether there is one of this id."""
        change = SWARMS.update().where(SWARMS.c.id == id).values(status=status, updated=now)
        with self._registry.writing() as connection:
            return bool(connection.execute(change).rowcount)

    def get(self, id: str) -> StoredSwarm | None:
        """Return a swarm, or nothing where there is none of this id."""
        return next(iter(self._found(SWARMS.c.id == id)), None)

    def all(self, *, since: datetime | None = None) -> list[StoredSwarm]:
        """Return the swarms whose last event is not before ``since``, by time and id."""
        return self._found(SWARMS.c.last >= since if since is not None else sa.true())

    def of_campaign(self, campaign: str) -> list[StoredSwarm]:
        """Return the swarms that were joined into a campaign, by time and id."""
        return self._found(SWARMS.c.campaign == campaign)

    def dismissed(self) -> set[str]:
        """Return the ids of the swarms that a person dismissed."""
        query = sa.select(SWARMS.c.id).where(SWARMS.c.status == "dismissed")
        with self._registry.reading() as connection:
            return set(connection.execute(query).scalars())

    def forget(self, *, before: datetime) -> int:
        """Remove the swarms whose last event is before a moment; return how many they were."""
        with self._registry.writing() as connection:
            return int(connection.execute(SWARMS.delete().where(SWARMS.c.last < before)).rowcount)

    def _found(self, condition: sa.ColumnElement[bool]) -> list[StoredSwarm]:
        columns = [SWARMS.c[f] for f in StoredSwarm.__struct_fields__]
        query = sa.select(*columns).where(condition).order_by(SWARMS.c.first, SWARMS.c.id)
        with self._registry.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [StoredSwarm(**{**row, "accounts": tuple(row["accounts"])}) for row in rows]
