"""The one writer of the profiles of behaviour, so that they outlive a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import PROFILES


class ProfileTable:
    """Profiles as bytes; what they mean is known to those who packed them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def save(self, profiles: Mapping[str, bytes], *, now: datetime) -> None:
        """Keep profiles by account, instead of those that were kept."""
        rows = [{"account": a, "profile": p, "updated": now} for a, p in profiles.items()]
        with self._registry.writing() as connection:
            upsert(connection, PROFILES, rows, {"profile": "new", "updated": "new"})

    def all(self, *, most: int | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield profiles by account, those kept last first."""
        query = sa.select(PROFILES.c.account, PROFILES.c.profile)
        query = query.order_by(PROFILES.c.updated.desc(), PROFILES.c.account).limit(most)
        with self._registry.reading() as connection:
            for row in connection.execution_options(yield_per=1_000).execute(query):
                yield row.account, bytes(row.profile)

    def forget(self, *, before: datetime | None = None, account: str | None = None) -> int:
        """Drop what was kept before a moment, or of one account; return how many."""
        query = PROFILES.delete()
        if before is not None:
            query = query.where(PROFILES.c.updated < before)
        if account is not None:
            query = query.where(PROFILES.c.account == account)
        with self._registry.writing() as connection:
            return int(connection.execute(query).rowcount)
