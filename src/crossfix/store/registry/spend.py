"""The one writer of what accounts and organisations have spent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import SPEND

_MANY = 500


class SpendTable:
    """Sums by holder and period, in millionths of the currency; processes add to one sum."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add(self, amounts: Mapping[tuple[str, str], int], *, now: datetime) -> None:
        """Add to the sums of holders and periods."""
        rows = [
            {"holder": holder, "period": period, "amount": amount, "updated": now}
            for (holder, period), amount in amounts.items()
        ]
        with self._registry.writing() as connection:
            upsert(
                connection, SPEND, rows, {"amount": lambda new, old: old + new, "updated": "new"}
            )

    def sums(
        self, periods: Collection[str], *, since: datetime | None = None
    ) -> dict[tuple[str, str], int]:
        """Return the sums of periods, by holder and period, or those that changed ``since``."""
        query = sa.select(SPEND.c.holder, SPEND.c.period, SPEND.c.amount)
        query = query.where(SPEND.c.period.in_(sorted(periods)[:_MANY]))
        if since is not None:
            query = query.where(SPEND.c.updated >= since)
        with self._registry.reading() as connection:
            rows = connection.execute(query)
            return {(row.holder, row.period): row.amount for row in rows}

    def forget(self, *, before: str) -> int:
        """Drop periods before one (``2026-11`` or ``2026-11-02``); return how many sums."""
        with self._registry.writing() as connection:
            return int(connection.execute(SPEND.delete().where(SPEND.c.period < before)).rowcount)
