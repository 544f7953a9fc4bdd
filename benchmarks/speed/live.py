"""The live index: events a second and a core, from the batch size of a busy log to single events.

Posts of a generated world and real ones in the order of time, all kinds that need no encoder,
near-duplicate text among them. Figures are CPU seconds of one process after its compiled code was
loaded. Before that, the memory of the process while events arrive that have nothing in common.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import data_folder
from crossfix.events import Event, to_batch
from crossfix.events.readers import ReadOptions, read_files
from crossfix.live.index import LiveIndex
from crossfix.live.warming import warm
from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import write_world

SIZES = (20_000, 1_000, 125, 1)
SINGLE = 500
LOT = 10_000


def main() -> int:
    """Measure; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=300_000)
    parser.add_argument("--scenario", default="operations")
    parser.add_argument("--unique", type=int, default=1_500_000, help="events of unique keys")
    given = parser.parse_args()
    print(header(1), flush=True)
    warm()
    aims = Aims()
    if given.unique:
        memory(given.unique, aims)
    sets = {"generated": world(given.scenario, given.posts)}
    data = data_folder()
    if data is not None:
        sets["Twitter"] = tweets(data / "campaign_twitter" / "posts.parquet", given.posts)
    rows = []
    for name, events in sets.items():
        rates = [measured(name, events, size, rows) for size in SIZES]
        aims.least(f"{name}: events a second and core", max(rates), 50_000)
    table(("set", "events at once", "events", "traces", "bursts", "events a CPU second"), rows)
    return aims.close()


def measured(name: str, events: pa.Table, size: int, rows: list[tuple[object, ...]]) -> float:
    """Take events in so many at once; note a row, return the events a CPU second."""
    part = events.slice(0, SINGLE if size == 1 else 100 * size if size == 125 else None)
    index = LiveIndex(most_segments=1 << 16)
    began = time.process_time()
    bursts = sum(len(index.add(b)) for b in part.to_batches(max_chunksize=size))
    rate = part.num_rows / (time.process_time() - began)
    rows.append((name, size, part.num_rows, index.traces, bursts, round(rate)))
    return rate


def memory(events: int, aims: Aims) -> None:
    """Take in events of which every key, text and account is unique; print the memory."""
    index, rows, sizes = LiveIndex(), [], []
    for first in range(0, events, LOT):
        index.add(unique(first, LOT))
        if (first // LOT) % (events // LOT // 6 or 1) == 0:
            sizes.append(resident())
            rows.append((first + LOT, len(index.people), round(sizes[-1])))
    table(("unique events", "accounts held", "MB of the process"), rows)
    aims.most("memory in the end, of that at half", sizes[-1] / sizes[len(sizes) // 2], 1.1)


def unique(first: int, many: int) -> pa.RecordBatch:
    """Return events that have nothing in common."""
    began = datetime(2026, 3, 1, tzinfo=UTC)
    return to_batch([
        Event(
            id=f"{n:032x}", time=began + timedelta(milliseconds=2 * n), received=began,
            service="x", surface="social", account=f"x:{n}", action="post",
            text=" ".join(f"{(n * 12 + i) * 2654435761 % 2**32:x}" for i in range(12)),
            urls=(f"https://h.example/{n}",), hashtags=(f"t{n}",),
            attributes={"device": f"d{n}", "ip": f"198.51.{n >> 8 & 255}.{n & 255}"},
        )
        for n in range(first, first + many)
    ])  # fmt: skip


def resident() -> float:
    """Return the memory of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def tweets(path: Path, most: int) -> pa.Table:
    """Return the events of the real set, in the order of time, that come first."""
    found, held = [], 0
    for batch in read_files([path], ReadOptions(now=datetime.now(UTC))):
        found.append(batch)
        held += batch.num_rows
        if held >= most:
            break
    return pa.Table.from_batches(found).slice(0, most).sort_by("time").combine_chunks()


def world(name: str, posts: int, seed: int = 1) -> pa.Table:
    """Return the events of a generated world in the order of time, as they are read."""
    with tempfile.TemporaryDirectory() as folder:
        path, *_ = write_world(build(name, posts, seed), Path(folder))
        options = ReadOptions(now=datetime.now(UTC))
        events = pa.Table.from_batches(list(read_files([path], options)))
    return events.sort_by("time").combine_chunks()


if __name__ == "__main__":
    sys.exit(main())
