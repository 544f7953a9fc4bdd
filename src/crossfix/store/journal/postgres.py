"""The journal in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from crossfix.errors import StoreError
from crossfix.extras import need
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

FORMAT = 1
_LOCK = 0x63726F75  # whoever makes the tables or appends, one at a time
_TABLES = """
CREATE SCHEMA IF NOT EXISTS journal;
CREATE TABLE IF NOT EXISTS journal.format (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS journal.entries (
    number bigint PRIMARY KEY, body text NOT NULL, hash text NOT NULL
);
CREATE OR REPLACE FUNCTION journal.refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.entries
    FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse();
"""


class PostgresJournal:
    """Entries in the table ``journal.entries``; an instance belongs to one thread."""

    def __init__(self, url: str) -> None:
        need("postgres")
        import psycopg

        with _refusals():
            self._database = psycopg.connect(url, autocommit=True)
            self._url = url
            with self._writing():
                self._database.execute(_TABLES)
                found = self._database.execute("SELECT version FROM journal.format").fetchone()
                if found is None:
                    self._database.execute("INSERT INTO journal.format VALUES (%s)", (FORMAT,))
        if found is not None and found[0] > FORMAT:
            self._database.close()
            raise StoreError(
                f"The journal has format {found[0]}; this crossfix knows {FORMAT}.",
                hint="Use the newer crossfix that made it.",
            )

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
        with _refusals(), self._writing():
            last = self._last()
            number, previous = (last.number + 1, last.hash) if last else (1, START)
            text = body(number, who, now, what, why, details or {})
            row = (number, text, link(previous, text))
            self._database.execute("INSERT INTO journal.entries VALUES (%s, %s, %s)", row)
        return entry(row)

    def read(self, *, after: int = 0) -> Iterator[Entry]:
        """Yield the entries with a greater number than ``after``, in order."""
        return map(entry, self._rows(after))

    def head(self) -> Head | None:
        """Return the last entry's number and hash, or nothing where there is no entry."""
        with _refusals():
            return self._last()

    def verify(self, head: Head | None = None) -> Broken | None:
        """Return the first entry that is not as it was written, or nothing where all are."""
        return verified(self._rows(None), head)

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _rows(self, after: int | None) -> Iterator[Row]:
        import psycopg

        query = "SELECT number, body, hash FROM journal.entries "
        query += "ORDER BY number" if after is None else "WHERE number > %(after)s ORDER BY number"
        # A connection and a cursor of their own: a journal is larger than memory one day.
        with (
            _refusals(),
            psycopg.connect(self._url) as reading,
            reading.cursor(name="entries") as cursor,
        ):
            yield from cursor.execute(query.encode(), {"after": after})

    def _last(self) -> Head | None:
        found = self._database.execute(
            "SELECT number, hash FROM journal.entries ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Head(*found) if found else None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._database.transaction():
            self._database.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            yield


@contextmanager
def _refusals() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as e:
        said = str(e).strip().splitlines() or [type(e).__name__]
        raise StoreError(f"PostgreSQL refused: {said[0]}") from e
