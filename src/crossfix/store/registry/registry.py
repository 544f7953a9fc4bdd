"""The registry as its readers and writers hold it: a database and its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from crossfix.errors import StoreError


class Registry:
    """An open registry. Threads may share it; each transaction has a connection of its own."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one moment of the registry.

        Raises:
            StoreError: the database refuses.
        """
        with refusals(), self._database.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection whose changes all happen, at the end, or none does.

        In SQLite one writer works at a time, and the others wait for it at the start.

        Raises:
            StoreError: the database refuses.
        """
        with refusals(), self._database.connect() as connection:
            connection = connection.execution_options(crossfix_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def overwrite(self, *tables: sa.Table) -> None:
        """Overwrite what was deleted from tables, as far as the database does that by itself.

        SQLite empties its write-ahead log, PostgreSQL vacuums; its own write-ahead log stays.

        Raises:
            StoreError: the database refuses.
        """
        with self.reading() as connection:
            connection.rollback()  # neither can be done inside a transaction
            raw: Any = connection.connection.driver_connection
            if connection.dialect.name == "sqlite":
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                return
            raw.autocommit = True
            try:
                raw.execute("VACUUM " + ", ".join(table.name for table in tables))
            finally:
                raw.autocommit = False

    def close(self) -> None:
        """Let go of all connections."""
        self._database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def upsert(
    connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]], update: dict[str, Any]
) -> None:
    """Insert rows, or update those whose primary key is there.

    ``update`` says by column what becomes of it in a row that is there: ``"new"`` takes the new
    value, a function of (new value, kept value) returns the expression to keep. Columns that are
    not named stay as they are.
    """
    if not rows:
        return
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    new = insert.excluded
    changes = {
        name: new[name] if how == "new" else how(new[name], table.c[name])
        for name, how in update.items()
    }
    connection.execute(
        insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes), rows
    )


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the database raises into a `StoreError`."""
    try:
        yield
    except SQLAlchemyError as e:
        said = str(getattr(e, "orig", None) or e).strip().splitlines() or [type(e).__name__]
        raise StoreError(f"The registry refused: {said[0]}") from e
