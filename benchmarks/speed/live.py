"""The live index: events a second and a core, from the batch size of a busy log to single events.

Posts of a generated world in the order of time, all kinds that need no encoder, near-duplicate text
among them. Figures are CPU seconds of one process after its compiled code was loaded.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from crossfix.events.readers import ReadOptions, read_files
from crossfix.live.index import LiveIndex
from crossfix.live.warming import warm
from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import write_world

SIZES = (20_000, 1_000, 125, 1)
SINGLE = 500


def main() -> int:
    """Measure; return 1 if the aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=300_000)
    parser.add_argument("--scenario", default="operations")
    given = parser.parse_args()
    print(header(1), flush=True)
    events = world(given.scenario, given.posts)
    warm()
    rows, best = [], 0.0
    for size in SIZES:
        part = events if size >= 125 else events.slice(0, SINGLE)
        if size == 125:
            part = events.slice(0, 100 * size)
        index = LiveIndex()
        began = time.process_time()
        bursts = sum(len(index.add(b)) for b in part.to_batches(max_chunksize=size))
        seconds = time.process_time() - began
        rate = part.num_rows / seconds
        best = max(best, rate)
        rows.append((size, part.num_rows, index.traces, bursts, round(rate)))
    table(("events at once", "events", "traces", "bursts", "events a CPU second"), rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"peak memory of the process, the world included: {peak:,.0f} MB")
    aims = Aims()
    aims.least("events a second and core", best, 50_000)
    return aims.close()


def world(name: str, posts: int) -> pa.Table:
    """Return the events of a generated world in the order of time, as they are read."""
    with tempfile.TemporaryDirectory() as folder:
        path, *_ = write_world(build(name, posts, 1), Path(folder))
        options = ReadOptions(now=datetime.now(UTC))
        events = pa.Table.from_batches(list(read_files([path], options)))
    return events.sort_by("time").combine_chunks()


if __name__ == "__main__":
    sys.exit(main())
