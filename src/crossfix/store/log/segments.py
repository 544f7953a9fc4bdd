"""Sealed events: Parquet files that never change, but that their texts are forgotten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crossfix.errors import IntegrityError
from crossfix.events import SCHEMA

GROUP_ROWS = 16_384
"""Rows of a row group: what a reader holds of each segment that overlaps others."""


def name_of(number: int) -> str:
    """Return the file name of a segment."""
    return f"{number:08d}.parquet"


def write_aside(folder: Path, table: pa.Table) -> Path:
    """Write what is to be a segment, under a name that nobody reads."""
    handle, path = tempfile.mkstemp(dir=folder, prefix=".", suffix=".tmp")
    aside = Path(path)
    with os.fdopen(handle, "wb") as file:
        pq.write_table(
            table, file, row_group_size=GROUP_ROWS, compression="zstd", compression_level=1,
            use_dictionary=["service", "surface", "account", "action", "language"],
        )  # fmt: skip
        file.flush()
        os.fsync(file.fileno())
    return aside


def name(folder: Path, number: int, aside: Path) -> Path:
    """Give a segment its name, which appears with the whole content or not at all."""
    path = folder / name_of(number)
    os.replace(aside, path)
    _sync(folder)
    return path


def discard(aside: Path) -> None:
    """Remove what is to be no segment after all."""
    aside.unlink(missing_ok=True)


def sweep(folder: Path, known: Collection[str]) -> None:
    """Remove what a writer that died left behind: files that no segment is known by."""
    for path in folder.iterdir():
        if path.name not in known and path.suffix in {".parquet", ".tmp"}:
            path.unlink(missing_ok=True)


def read(
    path: Path, since: int | None, until: int | None, services: Collection[str] | None,
    columns: Sequence[str],
) -> Iterator[pa.Table]:  # fmt: skip
    """Yield a segment's rows, a row group at a time.

    ``since`` and ``until`` are UTC microseconds; ``columns`` must hold what is filtered on.
    """
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield selected(file.read_row_group(group, columns), since, until, services)
    except (OSError, pa.ArrowInvalid) as e:
        raise _damaged(path, e) from e


def forget_texts(folder: Path, number: int, before: int | None, account: str | None) -> int:
    """Write a segment anew without some texts, under its name; return how many those were.

    Who reads the old file meanwhile reads it to its end.
    """
    path = folder / name_of(number)
    try:
        with pq.ParquetFile(path) as file:
            known = file.read(["time", "account", "text"])
            gone = pc.is_valid(known["text"])
            if before is not None:
                gone = pc.and_(gone, pc.less(known["time"].cast(pa.int64()), before))
            if account is not None:
                gone = pc.and_(gone, pc.equal(known["account"], account))
            count = int(pc.sum(gone).as_py() or 0)
            if not count:
                return 0
            table = file.read()
    except (OSError, pa.ArrowInvalid) as e:
        raise _damaged(path, e) from e
    place = table.schema.get_field_index("text")
    left = pc.if_else(gone, pa.scalar(None, pa.string()), table["text"])
    table = table.set_column(place, table.schema.field(place), left)
    name(folder, number, write_aside(folder, table))
    return count


def arrived(path: Path, received: int | None) -> Iterator[pa.RecordBatch]:
    """Yield a segment's rows with a ``received`` (UTC microseconds) from then on."""
    try:
        with pq.ParquetFile(path) as file:
            place = file.schema_arrow.names.index("received")
            for group in range(file.num_row_groups):
                known = file.metadata.row_group(group).column(place).statistics
                latest = known.max if known is not None and known.has_min_max else None
                if latest is not None and latest.timestamp() * 1e6 + 1 < (received or 0):
                    continue
                table = file.read_row_group(group, list(SCHEMA.names))
                if received is not None:
                    late = pc.greater_equal(table["received"].cast(pa.int64()), received)
                    table = table.filter(late)
                yield from table.cast(SCHEMA).combine_chunks().to_batches()
    except (OSError, pa.ArrowInvalid) as e:
        raise _damaged(path, e) from e


def ids(path: Path) -> pa.Array:
    """Return the ids of a segment."""
    try:
        return pq.read_table(path, columns=["id"])["id"].combine_chunks()
    except (OSError, pa.ArrowInvalid) as e:
        raise _damaged(path, e) from e


def selected(
    table: pa.Table, since: int | None, until: int | None, services: Collection[str] | None
) -> pa.Table:
    """Return the rows within the bounds and of the services."""
    if since is not None:
        table = table.filter(pc.greater_equal(table["time"].cast(pa.int64()), since))
    if until is not None:
        table = table.filter(pc.less(table["time"].cast(pa.int64()), until))
    if services is not None:
        wanted = pa.array(sorted(services), pa.string())
        table = table.filter(pc.is_in(table["service"], value_set=wanted))
    return table


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path, error: Exception) -> IntegrityError:
    return IntegrityError(f"A segment of the event log cannot be read: {error}", path=str(path))
