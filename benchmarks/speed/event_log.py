"""What it costs to append events to the log, to append them again, and to read them back.

The anchor, in the same run: writing the same rows as one plain Parquet file, unsorted, with no
look at ids. Events are generated: distinct ids, texts of eight to twenty words.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.machine import header
from crossfix.events import SCHEMA
from crossfix.store.log import open_log

START = 1_767_225_600_000_000  # 2026-01-01, UTC microseconds
BATCH_ROWS = 65_536


def events(rows: int, seed: int) -> pa.Table:
    """Return generated events in no order of time."""
    random = np.random.default_rng(seed)
    words = np.array([f"word{n}" for n in range(5000)])
    texts = [" ".join(words[random.integers(0, 5000, n)]) for n in random.integers(8, 20, rows)]
    times = pa.array(START + random.integers(0, 30 * 86_400_000_000, rows)).cast(pa.timestamp("us"))
    ids = random.integers(0, 2**63, (rows, 2)).tolist()
    empty = pa.array(np.zeros(rows + 1, np.int32))
    nothing = pa.array([], pa.string())
    known = {
        "id": pa.array([f"{a:016x}{b:016x}" for a, b in ids]),
        "time": times.cast(SCHEMA.field("time").type),
        "received": times.cast(SCHEMA.field("time").type),
        "service": pa.array(["x"] * rows),
        "surface": pa.array(["social"] * rows),
        "account": pa.array([f"x:{n}" for n in random.zipf(1.3, rows) % 40_000]),
        "action": pa.array(["post"] * rows),
        "text": pa.array(texts),
        "attributes": pa.MapArray.from_arrays(empty, nothing, nothing),
    }
    lists = pa.ListArray.from_arrays(empty, nothing)
    columns = [
        known.get(f.name, lists if pa.types.is_list(f.type) else pa.nulls(rows, f.type))
        for f in SCHEMA
    ]
    return pa.table(columns, schema=SCHEMA)


def lap(name: str, work: Callable[[], int]) -> float:
    """Run a piece of work, print its cost, and return its CPU seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    rows = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:<28}{cpu:8.2f} CPU s {wall:8.2f} s   {rows:,} rows", flush=True)
    return cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_461_268)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    print(header(arguments.seed))
    table = events(arguments.rows, arguments.seed)
    batches = table.to_batches(max_chunksize=BATCH_ROWS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def plain() -> int:
            pq.write_table(table, folder / "plain.parquet", compression="zstd", compression_level=1)
            return int(table.num_rows)

        anchor = lap("plain Parquet", plain)
        with open_log(f"sqlite:///{folder}/events.sqlite") as log:
            cost = lap("append", lambda: sum(log.append(b) for b in batches))
            lap("append again", lambda: sum(log.append(b) for b in batches))
            lap("read all, by time", lambda: sum(b.num_rows for b in log.read()))
            two = ["account", "time"]
            lap("read two columns, by time", lambda: sum(b.num_rows for b in log.read(columns=two)))
    print(f"appending costs {cost / anchor:.1f} times the plain file")


if __name__ == "__main__":
    main()
