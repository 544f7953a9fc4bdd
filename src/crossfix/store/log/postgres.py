"""The event log in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

import pyarrow as pa

from crossfix.errors import StoreError
from crossfix.events import Event, to_batch
from crossfix.extras import need
from crossfix.store.log.event_log import BATCH_ROWS, Mark, Wanted
from crossfix.store.log.rows import (
    COLUMNS,
    LISTS,
    TIMES,
    as_table,
    first_of_each_id,
    from_rows,
    microseconds,
    to_rows,
)

FORMAT = 1
LATE_SECONDS = 30.0
_AT_ONCE = 20_000
_NAMES = ", ".join(f"{c}::text" if c in {*LISTS, "attributes"} else c for c in COLUMNS)
# Times are UTC microseconds, for exactness; json rather than jsonb, which cannot hold an escaped
# NUL; byte order, so that ids sort here as everywhere.
_TABLES = f"""
CREATE SCHEMA IF NOT EXISTS events;
CREATE TABLE IF NOT EXISTS events.format (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS events.log (
    {
    ", ".join(
        f"{name} bigint NOT NULL"
        if name in TIMES
        else f"{name} json NOT NULL"
        if name in LISTS or name == "attributes"
        else f'{name} text COLLATE "C"'
        for name in COLUMNS
    )
},
    PRIMARY KEY (id)
);
CREATE INDEX IF NOT EXISTS log_by_time ON events.log (time, id);
CREATE INDEX IF NOT EXISTS log_by_arrival ON events.log (received);
"""
_LOCK = 0x63726F73  # an advisory lock: PostgreSQL's CREATE ... IF NOT EXISTS is no defence alone


class PostgresLog:
    """Events in the table ``events.log``; times are UTC microseconds, lists are JSON.

    PostgreSQL cannot hold the character NUL in text: there it is kept as U+FFFD. There is no live
    part, so that sealing has nothing to do.
    """

    def __init__(self, url: str) -> None:
        need("postgres")
        import psycopg

        with _refusals():
            self._database = psycopg.connect(url, autocommit=True)
            self._url = url
            self._make()

    def append(self, events: pa.RecordBatch | pa.Table) -> int:
        """Keep the events that are not yet here and return how many they were."""
        table = first_of_each_id(as_table(events))
        names = ", ".join(COLUMNS)
        with _refusals(), self._database.transaction(), self._database.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE arriving (LIKE events.log) ON COMMIT DROP")
            with cursor.copy(f"COPY arriving ({names}) FROM STDIN") as copy:
                for row in to_rows(table):
                    copy.write_row([_storable(v) for v in row])
            cursor.execute(
                # In one order, so that two writers with the same events do not lock each other.
                f"INSERT INTO events.log ({names}) SELECT {names} FROM arriving ORDER BY id "
                "ON CONFLICT (id) DO NOTHING"
            )
            return int(cursor.rowcount)

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep a few events that are not yet here and return how many they were."""
        return self.append(to_batch(events))

    def known(self, ids: Sequence[str]) -> set[str]:
        """Return those of these ids whose events are here."""
        with _refusals():
            found = self._database.execute(
                "SELECT id FROM events.log WHERE id = ANY(%s)", (list(ids),)
            )
            return {id for (id,) in found.fetchall()}

    def read(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        services: Collection[str] | None = None,
        columns: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the events by (time, id), as they were when the reading began."""
        import psycopg

        wanted = list(columns) if columns is not None else list(COLUMNS)
        conditions, values = ["true"], dict[str, Any]()
        if since is not None:
            conditions.append("time >= %(since)s")
            values["since"] = microseconds(since)
        if until is not None:
            conditions.append("time < %(until)s")
            values["until"] = microseconds(until)
        if services is not None:
            conditions.append("service = ANY(%(services)s)")
            values["services"] = sorted(services)
        query = (
            f"SELECT {_NAMES} FROM events.log WHERE {' AND '.join(conditions)} ORDER BY time, id"
        )
        # A connection of its own: the cursor lives as long as its transaction, and the log is
        # written to meanwhile.
        with (
            _refusals(),
            psycopg.connect(self._url) as reading,
            reading.cursor(name="events") as cursor,
        ):
            cursor.execute(query.encode(), values)
            while rows := cursor.fetchmany(batch_rows):
                yield from from_rows(rows).select(wanted).combine_chunks().to_batches()

    def arrived(
        self,
        mark: Mark | None,
        *,
        received: datetime | None = None,
        most: int | None = None,
        wanted: Wanted | None = None,
    ) -> tuple[Iterator[pa.RecordBatch], Mark]:
        """Return what has come into the log since a mark, and the next mark.

        The order is that of ``received``: what is committed more than `LATE_SECONDS` after it was
        received, as a large file may be, is not seen.
        """
        with _refusals():
            low = -(2**62) if received is None else microseconds(received)
            if mark is not None:
                low = mark[0] - int(LATE_SECONDS * 1e6)
            elif most is not None:
                query = "SELECT received FROM events.log ORDER BY received DESC OFFSET %s LIMIT 1"
                found = self._database.execute(query.encode(), (most,)).fetchone()
                low = max(low, found[0]) if found else low
            # A clock that was ahead must not hide what comes when it is right again.
            newest, now = self._one(
                "SELECT max(received), (extract(epoch FROM clock_timestamp()) * 1e6)::bigint "
                "FROM events.log"
            )
            if mark is None:
                return self._received_since(low), (min(newest or low, now), 0)
            rows = self._database.execute(
                b"SELECT id FROM events.log WHERE received >= %s ORDER BY received, id", (low,)
            ).fetchall()
        ids = pa.array([id for (id,) in rows], pa.string())
        if wanted is not None:
            ids = ids.filter(pa.array(wanted(ids)))
        return self._of_ids(ids.to_pylist()), (min(newest or low, now), 0)

    def _one(self, query: str) -> Any:
        return self._database.execute(query.encode()).fetchone()

    def _received_since(self, low: int) -> Iterator[pa.RecordBatch]:
        import psycopg

        query = f"SELECT {_NAMES} FROM events.log WHERE received >= %s ORDER BY received"
        with (
            _refusals(),
            psycopg.connect(self._url) as reading,
            reading.cursor(name="arrived") as cursor,
        ):
            cursor.execute(query.encode(), (low,))
            while rows := cursor.fetchmany(BATCH_ROWS):
                yield from from_rows(rows).combine_chunks().to_batches()

    def _of_ids(self, ids: list[str]) -> Iterator[pa.RecordBatch]:
        query = f"SELECT {_NAMES} FROM events.log WHERE id = ANY(%s) ORDER BY received, id"
        for first in range(0, len(ids), _AT_ONCE):
            with _refusals():
                asked = self._database.execute(query.encode(), (ids[first : first + _AT_ONCE],))
                rows = asked.fetchall()
            if rows:
                yield from from_rows(rows).combine_chunks().to_batches()

    def count(self) -> int:
        """Return the number of events."""
        with _refusals():
            found = self._database.execute("SELECT count(*) FROM events.log").fetchone()
        return int(found[0]) if found else 0

    def seal(self) -> int:
        """Do nothing: a table has no live part."""
        return 0

    def forget_texts(self, *, before: datetime | None = None, account: str | None = None) -> int:
        """Remove the texts of events before a moment, or of an account; return of how many."""
        conditions = ["text IS NOT NULL"]
        values: dict[str, Any] = {}
        if before is not None:
            conditions.append("time < %(before)s")
            values["before"] = microseconds(before)
        if account is not None:
            conditions.append("account = %(account)s")
            values["account"] = account.replace("\x00", "\ufffd")
        query = f"UPDATE events.log SET text = NULL WHERE {' AND '.join(conditions)}"
        with _refusals():
            return int(self._database.execute(query.encode(), values).rowcount)

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _make(self) -> None:
        with self._database.transaction():
            self._database.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            self._database.execute(_TABLES.encode())
            found = self._database.execute("SELECT version FROM events.format").fetchone()
            if found is None:
                self._database.execute(f"INSERT INTO events.format VALUES ({FORMAT})".encode())
        if found is not None and found[0] > FORMAT:
            self._database.close()
            raise StoreError(
                f"The event log has format {found[0]}; this crossfix knows {FORMAT}.",
                hint="Use the newer crossfix that made it.",
            )


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    return value


@contextmanager
def _refusals() -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.Error as e:
        said = str(e).strip().splitlines()[0] if str(e).strip() else type(e).__name__
        raise StoreError(f"PostgreSQL refused: {said}") from e
