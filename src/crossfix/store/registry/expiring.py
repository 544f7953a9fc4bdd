"""Rows that hold until they run out: what indicators and fingerprints have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert

_MANY = 500  # bound values in one statement; SQLite takes 32,766
_Row = TypeVar("_Row", bound=msgspec.Struct)


class ExpiringTable(Generic[_Row]):
    """A table whose rows may run out; of a row that is there, what is in ``renewed`` becomes new.

    A campaign that is not given stays as it was.
    """

    table: ClassVar[sa.Table]
    row: ClassVar[type[msgspec.Struct]]
    renewed: ClassVar[tuple[str, ...]]

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def save(self, rows: Iterable[_Row], *, now: datetime) -> None:
        """Keep rows, all of them or none.

        Raises:
            StoreError: the same value of the same source has another id, or a campaign is unknown.
        """
        made = [msgspec.structs.asdict(row) | {"made": now} for row in rows]
        news = dict.fromkeys(self.renewed, "new")
        with self._registry.writing() as connection:
            upsert(connection, self.table, made, news | {"campaign": sa.func.coalesce})

    def remove(self, ids: Collection[str]) -> None:
        """Forget rows by their ids."""
        wanted = sorted(ids)
        with self._registry.writing() as connection:
            for start in range(0, len(wanted), _MANY):
                part = wanted[start : start + _MANY]
                connection.execute(self.table.delete().where(self.table.c.id.in_(part)))

    def forget(self, *, before: datetime) -> int:
        """Forget the rows that ran out before a moment; return how many they were."""
        with self._registry.writing() as connection:
            gone = connection.execute(self.table.delete().where(self.table.c.expires < before))
            return int(gone.rowcount)

    def withdraw(self, source: str) -> int:
        """Forget the rows of one source; return how many they were."""
        with self._registry.writing() as connection:
            gone = connection.execute(self.table.delete().where(self.table.c.source == source))
            return int(gone.rowcount)

    def of_source(self, source: str) -> list[_Row]:
        """Return the rows of one source, those that have run out too, by id."""
        columns = self.table.c
        query: sa.Select[Any] = sa.select(*(columns[f] for f in self.row.__struct_fields__))
        with self._registry.reading() as connection:
            rows = connection.execute(query.where(columns.source == source).order_by(columns.id))
            return [self.row(**row._mapping) for row in rows]  # type: ignore[misc]

    def mark(self, now: datetime) -> tuple[object, ...]:
        """Return what changes whenever the rows that hold do, at the cost of one look."""
        columns = self.table.c
        held = columns.expires.is_(None) | (columns.expires > now)
        of = [sa.func.count(), sa.func.max(columns.made), sa.func.max(columns.expires),
              sa.func.sum(columns.confidence), sa.func.max(columns.id)]  # fmt: skip
        with self._registry.reading() as connection:
            return tuple(connection.execute(sa.select(*of).where(held)).one())

    def holding(self, now: datetime) -> Iterator[_Row]:
        """Yield the rows that have not run out, by id, without holding them all."""
        columns = self.table.c
        held = columns.expires.is_(None) | (columns.expires > now)
        query: sa.Select[Any] = sa.select(*(columns[f] for f in self.row.__struct_fields__))
        with self._registry.reading() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                query.where(held).order_by(columns.id)
            )
            for row in rows:
                yield self.row(**row._mapping)  # type: ignore[misc]
