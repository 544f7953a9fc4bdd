"""The journal in a SQLite file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossfix.errors import StoreError
from crossfix.store.journal.chain import Head, Row
from crossfix.store.journal.journal import FORMAT, Journal, known
from crossfix.store.write_ahead import WAIT_SECONDS, write_ahead

_TABLE = """
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, body TEXT NOT NULL,
                                    hash TEXT NOT NULL)
"""
# Against mistakes; against people there is the chain.
_GUARDS = [
    f"CREATE TRIGGER IF NOT EXISTS no_{act.lower()} BEFORE {act} ON entries "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for act in ("UPDATE", "DELETE")
]


class SqliteJournal(Journal):
    """Entries in the table ``entries`` of a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._refusals():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
            write_ahead(self._database)
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
        try:
            known(version, str(path))
        except StoreError:
            self.close()
            raise
        with self._writing():
            for statement in (_TABLE, *_GUARDS, f"PRAGMA user_version = {FORMAT}"):
                self._database.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _rows(self, after: int | None) -> Iterator[Row]:
        condition = "true" if after is None else f"number > {int(after)}"
        with self._refusals():
            yield from self._database.execute(
                f"SELECT number, body, hash FROM entries WHERE {condition} ORDER BY number"
            )

    def _last(self) -> Head | None:
        with self._refusals():
            found = self._database.execute(
                "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return Head(*found) if found else None

    def _insert(self, row: Row) -> None:
        self._database.execute("INSERT INTO entries VALUES (?, ?, ?)", row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._refusals():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as e:
            raise StoreError(f"The journal refused: {e}", path=str(self._path)) from e
