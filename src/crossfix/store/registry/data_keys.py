"""The one writer of the keys that kept texts are encrypted with, one an account."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry
from crossfix.store.registry.tables import DATA_KEYS

_MANY = 500  # bound values in one statement; SQLite takes 32,766


class StoredDataKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of an account, itself sealed with a key of the installation."""

    id: str
    account: str
    wrapped: bytes


class DataKeyTable:
    """Data keys. One that was destroyed is never seen again; its account gets another."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def wanted(
        self,
        accounts: Collection[str],
        make: Callable[[str], StoredDataKey],
        *,
        now: datetime,
    ) -> dict[str, StoredDataKey]:
        """Return a key for each account, making those that are missing."""
        found = self._found(DATA_KEYS.c.account, accounts)
        missing = [make(account) for account in sorted(set(accounts) - found.keys())]
        if missing:
            rows = [msgspec.structs.asdict(key) | {"made": now} for key in missing]
            with self._registry.writing() as connection:
                connection.execute(DATA_KEYS.insert(), rows)
        return found | {key.account: key for key in missing}

    def of_ids(self, ids: Collection[str]) -> dict[str, StoredDataKey]:
        """Return the keys of these ids, without those that were destroyed."""
        return {key.id: key for key in self._found(DATA_KEYS.c.id, ids).values()}

    def destroy(self, account: str, *, now: datetime) -> int:
        """Destroy the keys of an account, and return how many there were."""
        with self._registry.writing() as connection:
            done = connection.execute(
                DATA_KEYS.update()
                .where(DATA_KEYS.c.account == account, DATA_KEYS.c.wrapped.is_not(None))
                .values(wrapped=None, destroyed=now)
            )
        self._registry.overwrite(DATA_KEYS)
        return int(done.rowcount)

    def destroyed(self, since: datetime) -> set[tuple[str, str]]:
        """Return the ids of the keys that were destroyed since a moment, and their accounts."""
        query = sa.select(DATA_KEYS.c.id, DATA_KEYS.c.account).where(DATA_KEYS.c.destroyed >= since)
        with self._registry.reading() as connection:
            return {(row.id, row.account) for row in connection.execute(query)}

    def _found(self, column: sa.Column[str], values: Collection[str]) -> dict[str, StoredDataKey]:
        found = {}
        wanted = sorted(set(values))
        table = DATA_KEYS.c
        with self._registry.reading() as connection:
            for start in range(0, len(wanted), _MANY):
                query = sa.select(table.id, table.account, table.wrapped).where(
                    column.in_(wanted[start : start + _MANY]), table.wrapped.is_not(None)
                )
                for id, account, wrapped in connection.execute(query.order_by(table.made)):
                    key = StoredDataKey(id=id, account=account, wrapped=wrapped)
                    found[id if column is table.id else account] = key
        return found
