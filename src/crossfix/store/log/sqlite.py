"""The event log on one machine: a live SQLite file and sealed Parquet segments beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from crossfix.errors import CrossfixError, StoreError
from crossfix.events import Event
from crossfix.store.log import known, segments
from crossfix.store.log.event_log import BATCH_ROWS, Mark, Wanted
from crossfix.store.log.merge import Source, merged, rebatched
from crossfix.store.log.rows import (
    COLUMNS,
    as_table,
    by_time,
    chosen,
    first_of_each_id,
    from_rows,
    microseconds,
    row_of,
    to_rows,
    without,
)
from crossfix.store.write_ahead import WAIT_SECONDS, write_ahead

FORMAT = 1
SEAL_STEP = 20_000
"""Rows that `SqliteLog.seal` moves at a time: writers wait while their ids are noted."""

_TABLES = f"""
CREATE TABLE IF NOT EXISTS live ({", ".join(COLUMNS)}, UNIQUE (id));
CREATE TABLE IF NOT EXISTS segments (
    number INTEGER PRIMARY KEY, rows INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, services TEXT NOT NULL
);
{known.TABLES}
"""


_GROUPS = (64, 8, 1)
# One statement for many rows: between two statements another thread may take its turn, and a
# writer of few rows would wait for it after each of them.
_ROW = f"({', '.join('?' * len(COLUMNS))})"
_INSERT = {n: f"INSERT OR IGNORE INTO live VALUES {', '.join([_ROW] * n)}" for n in _GROUPS}


class SqliteLog:
    """Events in ``PATH`` (SQLite, write-ahead log) and in the folder ``PATH.segments`` (Parquet).

    Small batches go into the table ``live``; when it holds ``seal_rows`` of them they become a
    segment. A batch as large becomes one at once. A segment counts from the moment that SQLite
    knows it, in the same transaction as its ids, so that a writer that dies at any point leaves
    neither half a segment nor an event twice.
    """

    def __init__(self, path: Path, *, seal_rows: int, power_safe: bool = True) -> None:
        self._folder = path.with_name(path.name + ".segments")
        self._seal_rows = seal_rows
        with _refusals(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
            write_ahead(self._database, power_safe=power_safe)
            # Room for the ids: with the default of 2 MB bulk appends spend most of their time here.
            self._database.execute("PRAGMA cache_size = -65536")
            self._sealed = known.SealedIds(self._database, self._folder)
            self._path = path
            self._make()
            self._unsealed = self._live_rows()

    def append(self, events: pa.RecordBatch | pa.Table) -> int:
        """Keep the events that are not yet here and return how many they were."""
        table = first_of_each_id(as_table(events))
        with self._writing():
            table = without(table, self._known(table))
            if table.num_rows >= self._seal_rows:
                self._write_segment(table)
            elif table.num_rows:
                marks = ", ".join("?" * len(COLUMNS))
                self._database.executemany(f"INSERT INTO live VALUES ({marks})", to_rows(table))
                if self._live_rows() >= self._seal_rows:
                    self._seal()
        return int(table.num_rows)

    def append_events(self, events: Sequence[Event]) -> int:
        """Keep a few events that are not yet here and return how many they were."""
        rows = [row_of(event) for event in events]
        with self._writing():
            if self._sealed.any():
                ids = pa.chunked_array([[row[0] for row in rows]], pa.string())
                known = set(self._sealed.among(ids))
                rows = [row for row in rows if row[0] not in known]
            before = self._database.total_changes
            start = 0
            for size in _GROUPS:
                while len(rows) - start >= size:
                    group = rows[start : start + size]
                    self._database.execute(_INSERT[size], [v for row in group for v in row])
                    start += size
            new = self._database.total_changes - before
            self._unsealed += new
            if self._unsealed >= self._seal_rows:
                self._seal()
        return new

    def known(self, ids: Sequence[str]) -> set[str]:
        """Return those of these ids whose events are here."""
        with _refusals(self._path):
            return set(self._known(pa.table({"id": pa.chunked_array([ids], pa.string())})))

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
        low = None if since is None else microseconds(since)
        high = None if until is None else microseconds(until)
        wanted = list(columns) if columns is not None else list(COLUMNS)
        needed = [c for c in COLUMNS if c in {"time", "id", "service", *wanted}]
        found, live = self._snapshot(low, high, services)
        sources = [
            Source(first, partial(segments.read, path, low, high, services, needed))
            for first, path in found
        ]
        live = segments.selected(live.select(needed), low, high, services)
        if live.num_rows:
            sources.append(Source(live["time"][0].value, partial(iter, [live])))
        return rebatched((t.select(wanted) for t in merged(sources)), batch_rows)

    def arrived(
        self,
        mark: Mark | None,
        *,
        received: datetime | None = None,
        most: int | None = None,
        wanted: Wanted | None = None,
    ) -> tuple[Iterator[pa.RecordBatch], Mark]:
        """Return what has come into the log since a mark, and the next mark."""
        low = microseconds(received) if received is not None and mark is None else None
        segment, row = mark or (0, 0)
        with _refusals(self._path):
            self._database.execute("BEGIN")
            try:
                made = self._database.execute(
                    "SELECT number, rows FROM segments ORDER BY number"
                ).fetchall()
                newest = made[-1][0] if made else 0
                if newest < segment:  # another log stands in its place
                    segment, row = 0, 0
                # Rows leave the live part, and their numbers come again, only with a new segment.
                after = row if mark is not None and newest == segment else 0
                end = self._database.execute("SELECT coalesce(max(rowid), 0) FROM live")
                top = int(end.fetchone()[0])
                rows = self._database.execute(
                    "SELECT * FROM live WHERE rowid > ? AND received >= ? ORDER BY rowid",
                    (after, -(2**62) if low is None else low),
                ).fetchall()
            finally:
                self._database.execute("COMMIT")
        new = [(number, count) for number, count in made if number > segment]
        paths = [self._folder / segments.name_of(n) for n in _latest(new, most, len(rows))]
        live = from_rows(rows).to_batches() if rows else []
        if mark is None:
            wanted = None
        return _arrived(paths, low, live, None if after else wanted, wanted), (newest, top)

    def segments(self) -> list[Path]:
        """Return the sealed files, oldest first: what DuckDB reads."""
        with _refusals(self._path):
            found = self._database.execute("SELECT number FROM segments ORDER BY number").fetchall()
        return [self._folder / segments.name_of(number) for (number,) in found]

    def count(self) -> int:
        """Return the number of events."""
        with _refusals(self._path):
            sealed = self._database.execute(
                "SELECT (SELECT coalesce(sum(rows), 0) FROM segments) + (SELECT count(*) FROM live)"
            ).fetchone()
        return int(sealed[0])

    def seal(self) -> int:
        """Make segments of the live rows and return how many they were.

        Other processes may write meanwhile: they wait only while a segment gets its name.
        """
        moved = 0
        while rows := self._seal_some():
            moved += rows
        self._unsealed = self._live_rows()
        return moved

    def _seal_some(self) -> int:
        """Seal the oldest live rows; the costly part is done before writers have to wait."""
        last, table = self._oldest()
        if not table.num_rows:
            return 0
        empty = pc.is_null(table["text"]).to_pylist()
        ids = list(zip(table["id"].to_pylist(), map(int, empty), strict=True))
        table = by_time(table)
        with _refusals(self._path):
            aside = segments.write_aside(self._folder, table)
        with self._writing():
            # Row numbers come again once the table was empty: only the ids say what is there.
            # Nor must a text come back that was forgotten meanwhile.
            rows = "SELECT id, text IS NULL FROM live WHERE rowid <= ? ORDER BY rowid"
            if self._database.execute(rows, (last,)).fetchall() != ids:
                segments.discard(aside)  # another process was first
                return 0
            self._add_segment(table, aside)
            self._database.execute("DELETE FROM live WHERE rowid <= ?", (last,))
        return int(table.num_rows)

    def _oldest(self) -> tuple[int, pa.Table]:
        with _refusals(self._path):
            rows = self._database.execute(
                "SELECT rowid, * FROM live ORDER BY rowid LIMIT ?", (SEAL_STEP,)
            ).fetchall()
        return (rows[-1][0] if rows else 0), from_rows(row[1:] for row in rows)

    def forget_texts(self, *, before: datetime | None = None, account: str | None = None) -> int:
        """Remove the texts of events before a moment, or of an account; return of how many."""
        high = None if before is None else microseconds(before)
        with _refusals(self._path):
            self._database.execute("PRAGMA secure_delete = ON")
        with self._writing():
            done = self._database.execute(
                "UPDATE live SET text = NULL WHERE text IS NOT NULL "
                "AND (?1 IS NULL OR time < ?1) AND (?2 IS NULL OR account = ?2)",
                (high, account),
            )
            forgotten = done.rowcount
            found = self._database.execute(
                "SELECT number FROM segments WHERE ?1 IS NULL OR first < ?1 ORDER BY number",
                (high,),
            ).fetchall()
        for (number,) in found:
            # One at a time: writers wait for no more than one file.
            with self._writing():
                forgotten += segments.forget_texts(self._folder, number, high, account)
        with _refusals(self._path):
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return forgotten

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _make(self) -> None:
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            self._database.close()
            raise StoreError(
                f"The event log has format {version}; this crossfix knows {FORMAT}.",
                path=str(self._path),
                hint="Use the newer crossfix that made it.",
            )
        with self._writing():
            for statement in filter(str.strip, _TABLES.split(";\n")):
                self._database.execute(statement)
            self._database.execute(f"PRAGMA user_version = {FORMAT}")
            # Inside the transaction no other writer is between a file and its entry.
            segments.sweep(self._folder, {p.name for p in self.segments()})

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _refusals(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    def _known(self, table: pa.Table) -> list[str]:
        sealed = self._sealed.among(table["id"])
        if not self._live_rows():
            return sealed
        found = self._database.execute(
            "SELECT value FROM json_each(?1) WHERE value IN (SELECT id FROM live)",
            (json.dumps(table["id"].to_pylist()),),
        )
        return sealed + [value for (value,) in found]

    def _live_rows(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM live").fetchone()[0])

    def _seal(self) -> int:
        table = self._live()
        if table.num_rows:
            self._write_segment(table)
            self._database.execute("DELETE FROM live")
        self._unsealed = 0
        return int(table.num_rows)

    def _live(self) -> pa.Table:
        order = "SELECT * FROM live ORDER BY time, id"
        return from_rows(self._database.execute(order).fetchall())

    def _write_segment(self, table: pa.Table) -> None:
        table = by_time(table)
        self._add_segment(table, segments.write_aside(self._folder, table))

    def _add_segment(self, table: pa.Table, aside: Path) -> None:
        found = self._database.execute("SELECT coalesce(max(number), 0) + 1 FROM segments")
        number = int(found.fetchone()[0])
        segments.name(self._folder, number, aside)
        times = table["time"].cast(pa.int64())
        services = json.dumps(sorted(pc.unique(table["service"]).to_pylist()))
        self._database.execute(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?)",
            (number, table.num_rows, times[0].as_py(), times[-1].as_py(), services),
        )
        self._sealed.add(number, table["id"])

    def _snapshot(
        self, since: int | None, until: int | None, services: Collection[str] | None
    ) -> tuple[list[tuple[int, Path]], pa.Table]:
        """Return the segments that may hold wanted rows, and the live rows of the same moment."""
        with _refusals(self._path):
            self._database.execute("BEGIN")
            try:
                rows = self._database.execute("SELECT number, first, last, services FROM segments")
                found = rows.fetchall()
                live = self._live()
            finally:
                self._database.execute("COMMIT")
        wanted = None if services is None else set(services)
        return [
            (first, self._folder / segments.name_of(number))
            for number, first, last, of in found
            if (since is None or last >= since)
            and (until is None or first < until)
            and (wanted is None or wanted & set(json.loads(of)))
        ], live


def path_of(url: str) -> Path:
    """Return the file that a ``sqlite:///`` URL names."""
    return Path(url.removeprefix("sqlite:///"))


def _latest(made: list[tuple[int, int]], most: int | None, held: int) -> list[int]:
    """Return the numbers of the last segments that make so many rows with those held already."""
    if most is None:
        return [number for number, _ in made]
    chosen: list[int] = []
    for number, rows in reversed(made):
        if held >= most:
            break
        chosen.append(number)
        held += rows
    return chosen[::-1]


def _arrived(
    paths: list[Path], received: int | None, live: list[pa.RecordBatch], of_live: Wanted | None,
    of_sealed: Wanted | None,
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """Yield what is wanted of segments and live rows; damage is told when all else was read."""
    damaged: CrossfixError | None = None
    for path in paths:
        try:
            for batch in segments.arrived(path, received):
                yield from chosen(batch, of_sealed)
        except CrossfixError as e:
            damaged = e
    for batch in live:
        yield from chosen(batch, of_live)
    if damaged is not None:
        raise damaged


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as e:
        raise StoreError(f"The event log refused: {e}", path=str(path)) from e
