"""What tracing outputs costs: encoding, comparing wording, finding the nearest of many segments.

Texts are real posts (`campaign_twitter` of ``CROSSFIX_DATA``). Vectors of many segments are those
of some thousand posts, moved a little at random, so that they crowd as real ones do. The cost of a
whole pass is the sum of its parts, scaled; it is said which.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from benchmarks.quality.outcome import data_folder
from crossfix.content import fold, says_enough
from crossfix.content.encoders import first_encoder, of_length_one
from crossfix.content.wording import worded
from crossfix.traces.origin.cells import Cells
from crossfix.traces.origin.nearest import nearest
from crossfix.traces.origin.shingled import ShingleIndex

Made = TypeVar("Made")
PASS_SEGMENTS, PASS_POSTS = 600_000, 1_000_000
"""Segments of 100,000 completions with six parts each, and the posts they are compared with."""


def main() -> int:
    """Measure each part and print the sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="?", help="the folder of installed encoders")
    parser.add_argument("--texts", type=int, default=4_000)
    parser.add_argument("--segments", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    data = data_folder()
    if data is None or given.models is None:
        return 0
    column = pq.read_table(data / "campaign_twitter" / "posts.parquet", columns=["text"])["text"]
    random = np.random.default_rng(given.seed)
    texts = column.take(np.sort(random.permutation(len(column))[: given.texts])).to_pylist()
    encoder = first_encoder(given.models)
    said = [worded(text or "") for text in texts]
    vectors, encoding = timed(lambda: encoder.encode(said))
    base = vectors[random.integers(0, len(vectors), given.segments)]
    noise = random.normal(size=base.shape, scale=0.02).astype(np.float32)
    segments = of_length_one(base + noise)
    cells, building = timed(lambda: Cells(segments))
    found, looking = timed(lambda: cells.nearest(vectors, 6))
    some = vectors[:200]
    exact, comparing = timed(lambda: nearest(some, segments, 6))
    same = float((found.cosines[:200, 0] >= exact.cosines[:, 0] - 1e-4).mean())
    folded = fold(pa.array(column.take(random.permutation(len(column))[:100_000]), pa.string()))
    index, indexing = timed(lambda: ShingleIndex(folded.slice(0, 50_000)))
    _, wording = timed(lambda: index.candidates(folded.slice(50_000)))
    per_text = encoding / len(texts)
    read = read_share(column, random)
    print(f"posts that must be encoded: {read:.3f} of {PASS_POSTS:,}; the rest says too little "
          "or what another one said")  # fmt: skip
    scale = PASS_SEGMENTS / given.segments
    parts = [
        ("encoding a segment", per_text, PASS_SEGMENTS * per_text),
        ("encoding a post that must be", per_text, PASS_POSTS * read * per_text),
        ("making cells, a segment", building / given.segments,
         building * scale**1.5),
        ("looking into cells, an encoded post", looking / len(vectors),
         looking / len(vectors) * PASS_POSTS * read * scale**0.5),
        ("comparing with every segment, a post", comparing / len(some), float("nan")),
        ("shingles of a segment", indexing / 50_000, indexing / 50_000 * PASS_SEGMENTS),
        ("shared shingles of a post", wording / 50_000, wording / 50_000 * PASS_POSTS),
    ]  # fmt: skip
    table(("part", "CPU ms each", "CPU minutes of a pass"),
          [(what, 1e3 * each, whole / 60) for what, each, whole in parts])  # fmt: skip
    whole = sum(cost for _, _, cost in parts if cost == cost) / 60
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"nearest found: {same:.3f} of those that comparing everything finds; peak {peak:.1f} GiB"
    )
    aims = Aims()
    aims.most("CPU minutes of a pass, extrapolated", whole, 40)
    aims.least("nearest segments found by cells", same, 0.98)
    return aims.close()


def read_share(column: pa.ChunkedArray, random: np.random.Generator) -> float:
    """Return the share of a pass's posts that says enough and is not said by another one."""
    chosen = np.sort(random.permutation(len(column))[:PASS_POSTS])
    unique = pc.unique(column.take(chosen).drop_null())
    some = unique.take(pa.array(np.sort(random.permutation(len(unique))[:50_000])))
    return float(says_enough(fold(some)).mean()) * len(unique) / len(chosen)


def timed(make: Callable[[], Made]) -> tuple[Made, float]:
    """Return what is made and the CPU seconds it took."""
    begin = time.process_time()
    made = make()
    return made, time.process_time() - begin


if __name__ == "__main__":
    sys.exit(main())
