"""CPU seconds of reading, of folding texts and of each kind of trace, in one process."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from benchmarks.machine import header
from crossfix.events.readers.read import read_files
from crossfix.events.readers.reader import ReadOptions
from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import write_world
from crossfix.traces.columns import with_folded_texts
from crossfix.traces.registry import CLUSTERERS, EXTRACTORS

Result = TypeVar("Result")


def main() -> int:
    """Read a file, extract the traces, print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="else a world is generated")
    parser.add_argument("--kinds", nargs="*", default=[*EXTRACTORS, *CLUSTERERS])
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(None if given.file else given.seed), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = given.file or _world(given.posts, given.seed, Path(folder))
        batches, reading = _timed(partial(_read, file))
    rows = sum(batch.num_rows for batch in batches)
    print(f"read: {reading:.2f} CPU s for {rows:,} events")
    folded, folding = _timed(lambda: [with_folded_texts(batch) for batch in batches])
    print(f"fold: {folding:.2f} CPU s")
    total = reading + folding
    for kind in given.kinds:
        count, took = _timed(partial(_traces, folded, kind))
        total += took
        print(f"{kind}: {took:.2f} CPU s, {count:,} traces")
    print(f"all: {total:.2f} CPU s")
    return 0


def _world(posts: int, seed: int, folder: Path) -> Path:
    return write_world(build("operations", posts, seed), folder)[0]


def _read(file: Path) -> list[pa.RecordBatch]:
    return list(read_files([file], ReadOptions(now=datetime.now(UTC))))


def _traces(folded: list[pa.RecordBatch], kind: str) -> int:
    if kind in EXTRACTORS:
        extractor = EXTRACTORS[kind]()
        return sum(len(extractor.extract(batch).rows) for batch in folded)
    clusterer = CLUSTERERS[kind]()
    for batch in folded:
        clusterer.add(batch)
    return len(clusterer.finish().rows)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
