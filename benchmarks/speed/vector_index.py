"""The index of vectors: growth, memory, look-ups and what they find, beside other libraries.

Vectors are those of real posts (``--vectors``, a folder of .npy files, or texts of
`campaign_twitter` that the installed encoder encodes). Where there are too few, those that there
are come again, moved at random to cosines of about .9, so that they crowd as real ones do. Asked
are posts that are not in the index. Times are those of the processor of one thread, look by look:
on a busy machine the clock measures the others. An answer is right if nothing in the index is
nearer; where the nearest is far it matters to nobody, so that the share is told for cosines from
.6, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import data_folder
from crossfix.content.encoders import Vectors, first_encoder, of_length_one
from crossfix.content.vectors import VectorIndex
from crossfix.content.wording import worded

BATCH = 20_000
MOST = 10
COLUMNS = ("index", "vectors", "growth, CPU ms each", "on disk, bytes each", "memory, bytes each",
           "look-up p50, ms", "p99, ms", "nearest found", "from cosine .6")  # fmt: skip

Ask = Callable[[NDArray[np.float32]], float]
"""Looks a vector up and returns the best cosine."""


class Supply:
    """Any number of vectors, the same whenever they are asked for."""

    def __init__(self, base: Vectors, asked: int) -> None:
        self.asked, self._base = base[:asked], base[asked:]

    def batches(self, count: int) -> Iterator[tuple[int, Vectors]]:
        """Yield the first ``count`` vectors, a batch at a time, each with the number of its
        first."""
        for at in range(0, count, BATCH):
            size, random = min(BATCH, count - at), np.random.default_rng(at)
            if at + size <= len(self._base):
                yield at, self._base[at : at + size]
                continue
            rows = self._base[random.integers(0, len(self._base), size)]
            noise = random.normal(size=rows.shape, scale=0.02).astype(np.float32)
            yield at, of_length_one(rows + noise)

    def best(self, count: int) -> NDArray[np.float32]:
        """Return the highest cosine that each asked vector has with the first ``count``."""
        parts = [(self.asked @ batch.T).max(axis=1) for _, batch in self.batches(count)]
        highest: NDArray[np.float32] = np.max(parts, axis=0)
        return highest


def real(folder: Path, count: int) -> Vectors:
    """Read vectors from .npy files."""
    parts: list[Vectors] = []
    for path in sorted(folder.glob("v*.npy")):
        parts.append(np.load(path).astype(np.float32))
        if sum(map(len, parts)) >= count:
            break
    return of_length_one(np.concatenate(parts)[:count])


def encoded(data: Path, models: Path, count: int) -> tuple[Vectors, float]:
    """Encode posts; return vectors and the CPU milliseconds each took."""
    column = pq.read_table(data / "campaign_twitter" / "posts.parquet", columns=["text"])["text"]
    rows = np.sort(np.random.default_rng(1).permutation(len(column))[:count])
    texts = [worded(text or "") for text in column.take(rows).to_pylist()]
    encoder = first_encoder(models)
    encoder.encode(texts[:10])
    began = time.process_time()
    vectors = encoder.encode(texts)
    each = 1e3 * (time.process_time() - began) / len(texts)
    print(f"encoding: {each:.2f} CPU ms a text, {1e3 / each:,.0f} texts a second and core")
    return vectors, each


def resident() -> int:
    """Return the bytes of memory that belong to this process alone, files left out."""
    said = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * int(said.partition("RssAnon:")[2].split()[0])


def measured(
    name: str, supply: Supply, count: int, build: Callable[[], tuple[Ask, Callable[[], int]]]
) -> tuple[Any, ...]:
    """Build, ask, and return a row of the table."""
    before, began = resident(), time.process_time()
    ask, on_disk = build()
    grown = time.process_time() - began
    held = resident() - before
    for vector in supply.asked[:5]:
        ask(vector)
    times, found = [], []
    for vector in supply.asked:
        start = time.thread_time()
        found.append(ask(vector))
        times.append(time.thread_time() - start)
    best = supply.best(count)
    # Others answer with the cosines of what they rounded to 8 bits.
    right = np.array(found) >= best - (1e-3 if name == "crossfix" else 0.02)
    near = best >= 0.6
    return (name, count, 1e3 * grown / count, on_disk() / count, max(0, held) / count,
            1e3 * float(np.median(times)), 1e3 * float(np.quantile(times, 0.99)),
            float(right.mean()), float(right[near].mean()))  # fmt: skip


def ours(folder: Path, supply: Supply, count: int) -> tuple[Ask, Callable[[], int]]:
    """Build our index on disk."""
    index = VectorIndex.open(folder, encoder="benchmark", dimensions=supply.asked.shape[1])
    for first, batch in supply.batches(count):
        numbers = np.arange(first, first + len(batch))
        index.add(numbers, numbers, batch)
    return (lambda v: float(index.nearest(v[None], MOST).cosines[0, 0])), lambda: index.bytes


def blocks(supply: Supply, count: int) -> tuple[Ask, Callable[[], int]]:
    """Keep 8-bit numbers and compare with every one, as NumPy does it."""
    held = np.concatenate([np.rint(b * 127).astype(np.int8) for _, b in supply.batches(count)])

    def ask(vector: NDArray[np.float32]) -> float:
        parts = [held[at : at + 65_536].astype(np.float32) @ vector
                 for at in range(0, count, 65_536)]  # fmt: skip
        return float(max(part.max() for part in parts)) / 127

    return ask, lambda: 0


def usearch(supply: Supply, count: int) -> tuple[Ask, Callable[[], int]]:
    """Build the graph of usearch, 8 bits a number."""
    from usearch.index import Index

    index = Index(ndim=supply.asked.shape[1], metric="cos", dtype="i8")
    for first, batch in supply.batches(count):
        index.add(np.arange(first, first + len(batch)), batch, threads=1)
    return (lambda v: 1 - float(index.search(v, MOST).distances[0])), lambda: 0


def hnswlib(supply: Supply, count: int) -> tuple[Ask, Callable[[], int]]:
    """Build the graph of hnswlib."""
    import hnswlib as library

    index = library.Index("ip", supply.asked.shape[1])
    index.init_index(max_elements=count, ef_construction=100, M=16)
    for _, batch in supply.batches(count):
        index.add_items(batch, num_threads=1)
    index.set_ef(64)
    return (lambda v: 1 - float(index.knn_query(v, MOST, num_threads=1)[1][0][0])), lambda: 0


def faiss(supply: Supply, count: int) -> tuple[Ask, Callable[[], int]]:
    """Build inverted lists of 8 bits a number, as many cells as ours, 64 looked into."""
    import faiss as library

    library.omp_set_num_threads(1)
    width, cells = supply.asked.shape[1], round(4 * count**0.5)
    index = library.IndexIVFScalarQuantizer(
        library.IndexFlatIP(width), width, cells, library.ScalarQuantizer.QT_8bit,
        library.METRIC_INNER_PRODUCT,
    )  # fmt: skip
    sample = [b for _, b in supply.batches(min(count, 40 * cells))]
    index.train(np.concatenate(sample))
    for _, batch in supply.batches(count):
        index.add(batch)
    index.nprobe = 64
    return (lambda v: float(index.search(v[None], MOST)[0][0][0])), lambda: 0


def main() -> int:
    """Measure and print; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("models", type=Path, nargs="?", help="the folder of installed encoders")
    parser.add_argument("--vectors", type=Path, help="a folder of .npy files to take instead")
    parser.add_argument("--texts", type=int, default=5_000, help="texts to encode")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rivals-to", type=int, default=100_000, help="the largest for others")
    parser.add_argument("--asked", type=int, default=1_000)
    given = parser.parse_args()
    print(header(None, "usearch", "hnswlib", "faiss-cpu"), flush=True)
    if given.vectors:
        base = real(given.vectors, max(given.sizes) + given.asked)
    elif given.models and (data := data_folder()):
        base, _ = encoded(data, given.models, given.texts)
    else:
        print("not measured: give a folder of vectors or of encoders", file=sys.stderr)
        return 0
    supply, aims = Supply(base, min(given.asked, len(base) // 5)), Aims()
    rivals = {"NumPy, 8 bits": blocks, "usearch": usearch, "hnswlib": hnswlib, "faiss": faiss}
    table(COLUMNS, [])
    for count in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            row = measured("crossfix", supply, count, partial(ours, Path(folder), supply, count))
        show(row)
        slowest, found = row[6], row[8]
        aims.most(f"look-up p99 among {count:,}, ms", slowest, 5.0)
        aims.least(f"nearest found among {count:,}, from cosine .6", found, 0.95)
        for name, rival in rivals.items() if count <= given.rivals_to else ():
            try:
                show(measured(name, supply, count, partial(rival, supply, count)))
            except ImportError:
                print(f"{name} is not installed: pip install --group bench")
    return aims.close()


def show(row: tuple[object, ...]) -> None:
    """Print a row as it is known."""
    told = [f"{v:,.3f}" if isinstance(v, float) else f"{v:,}" if isinstance(v, int) else str(v)
            for v in row]  # fmt: skip
    print(f"| {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
