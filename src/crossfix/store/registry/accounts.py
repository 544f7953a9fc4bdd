"""The one writer of the accounts and actors of the registry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import ACCOUNTS, ACTORS

_MANY = 500  # bound values in one statement; SQLite takes 32,766


class StoredAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it was seen: ``id`` is ``service:native-id``, ``actor`` the one behind it."""

    id: str
    service: str
    first: datetime
    last: datetime
    events: int
    display_name: str | None = None
    url: str | None = None
    actor: str | None = None


class AccountTable:
    """Accounts that were seen, and the actors that say or show that they are one person."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def save(self, accounts: Iterable[StoredAccount], *, now: datetime) -> None:
        """Keep what was seen of accounts.

        Of an account that is there the times widen, the greater number of events stays, and a
        name, address or actor that is not given stays as it was. Actors must be there.
        """
        rows = [msgspec.structs.asdict(a) | {"updated": now} for a in accounts]
        with self._registry.writing() as connection:
            upsert(
                connection, ACCOUNTS, rows,
                {
                    "first": lambda new, old: _least(new, old),
                    "last": lambda new, old: _greatest(new, old),
                    "events": lambda new, old: _greatest(new, old),
                    "display_name": sa.func.coalesce, "url": sa.func.coalesce,
                    "actor": sa.func.coalesce, "updated": "new",
                },
            )  # fmt: skip

    def forget(self, account: str, *, now: datetime) -> None:
        """Remove the name and the address of an account."""
        change = ACCOUNTS.update().where(ACCOUNTS.c.id == account)
        with self._registry.writing() as connection:
            connection.execute(change.values(display_name=None, url=None, updated=now))

    def save_actors(self, because: dict[str, list[str]], *, now: datetime) -> None:
        """Keep actors by id, with the reasons for which their accounts are one person's."""
        rows = [{"id": i, "because": why, "made": now} for i, why in because.items()]
        with self._registry.writing() as connection:
            upsert(connection, ACTORS, rows, {"because": "new"})

    def get(self, ids: Collection[str]) -> dict[str, StoredAccount]:
        """Return the accounts that are there, by id."""
        wanted, found = sorted(ids), dict[str, StoredAccount]()
        with self._registry.reading() as connection:
            for start in range(0, len(wanted), _MANY):
                part = wanted[start : start + _MANY]
                for row in connection.execute(_query().where(ACCOUNTS.c.id.in_(part))):
                    found[row.id] = _account(row)
        return found

    def of_actor(self, actor: str) -> list[StoredAccount]:
        """Return the accounts of an actor, by id."""
        with self._registry.reading() as connection:
            query = _query().where(ACCOUNTS.c.actor == actor).order_by(ACCOUNTS.c.id)
            return [_account(row) for row in connection.execute(query)]

    def all(self) -> Iterator[StoredAccount]:
        """Yield every account, by id, without holding them all."""
        with self._registry.reading() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                _query().order_by(ACCOUNTS.c.id)
            )
            for row in rows:
                yield _account(row)


def _query() -> sa.Select[Any]:
    return sa.select(*(ACCOUNTS.c[f] for f in StoredAccount.__struct_fields__))


def _account(row: sa.Row[Any]) -> StoredAccount:
    return StoredAccount(**row._mapping)


def _least(new: Any, old: Any) -> Any:
    return sa.case((new < old, new), else_=old)


def _greatest(new: Any, old: Any) -> Any:
    return sa.case((new > old, new), else_=old)
