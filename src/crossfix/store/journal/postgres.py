"""The journal in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crossfix.errors import StoreError
from crossfix.extras import need
from crossfix.store.journal.chain import Head, Row
from crossfix.store.journal.journal import FORMAT, Journal, known

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


class PostgresJournal(Journal):
    """Entries in the table ``journal.entries``."""

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
        try:
            known(found[0] if found else FORMAT)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

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
        with _refusals():
            found = self._database.execute(
                "SELECT number, hash FROM journal.entries ORDER BY number DESC LIMIT 1"
            ).fetchone()
        return Head(*found) if found else None

    def _insert(self, row: Row) -> None:
        self._database.execute("INSERT INTO journal.entries VALUES (%s, %s, %s)", row)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _refusals(), self._database.transaction():
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
