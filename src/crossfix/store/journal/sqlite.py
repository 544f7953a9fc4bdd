"""The journal in a SQLite file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from crossfix.errors import StoreError
from crossfix.store.journal.chain import (
    START,
    Broken,
    Entry,
    Head,
    Row,
    body,
    entry,
    link,
    verified,
)
from crossfix.store.write_ahead import WAIT_SECONDS, write_ahead

FORMAT = 1
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


class SqliteJournal:
    """Entries in the table ``entries`` of a file; an instance belongs to one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._refusals():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
            write_ahead(self._database)
        version = self._one("PRAGMA user_version")
        if version > FORMAT:
            self._database.close()
            raise StoreError(
                f"The journal has format {version}; this crossfix knows {FORMAT}.",
                path=str(path),
                hint="Use the newer crossfix that made it.",
            )
        with self._writing():
            for statement in (_TABLE, *_GUARDS, f"PRAGMA user_version = {FORMAT}"):
                self._database.execute(statement)

    def append(
        self,
        *,
        who: str,
        what: str,
        why: str,
        now: datetime,
        details: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Write down what somebody did; it is durable when this returns."""
        with self._writing():
            last = self._last()
            number, previous = (last.number + 1, last.hash) if last else (1, START)
            text = body(number, who, now, what, why, details or {})
            row = (number, text, link(previous, text))
            self._database.execute("INSERT INTO entries VALUES (?, ?, ?)", row)
        return entry(row)

    def read(self, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries with a greater number than ``after``, in order."""
        return map(entry, self._rows(after))

    def head(self) -> Head | None:
        """Return the last entry's number and hash, or nothing where there is no entry."""
        with self._refusals():
            return self._last()

    def verify(self, head: Head | None = None) -> Broken | None:
        """Return the first entry that is not as it was written, or nothing where all are."""
        return verified(self._rows(None), head)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _rows(self, after: int | None) -> Iterator[Row]:
        condition = "true" if after is None else f"number > {int(after)}"
        with self._refusals():
            yield from self._database.execute(
                f"SELECT number, body, hash FROM entries WHERE {condition} ORDER BY number"
            )

    def _last(self) -> Head | None:
        found = self._database.execute(
            "SELECT number, hash FROM entries ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Head(*found) if found else None

    def _one(self, query: str) -> int:
        with self._refusals():
            return int(self._database.execute(query).fetchone()[0])

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
