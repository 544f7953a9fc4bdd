"""The cost of a hunt in 3M generated posts, and how it grows from n to 4n."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.measure import Cost, cost_of, hunt
from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import write_world

WARM_POSTS = 20_000
"""A hunt before the others, so that compiling is not counted as the cost of the smaller one."""

SLACK = 1.25
"""How much more than n log n the cost may grow before it counts as faster growth."""


def main() -> int:
    """Measure and print; return 1 if cost grows faster than n log n."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=3_000_000)
    parser.add_argument("--scenario", default="operations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help="keep worlds and outputs in this folder")
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        work = given.work or Path(scratch)
        _hunt_in(given.scenario, WARM_POSTS, given.seed, work)
        few, many = (
            _hunt_in(given.scenario, posts, given.seed, work)
            for posts in (given.posts // 4, given.posts)
        )
    n = given.posts / 4
    bound = 4 * math.log(4 * n) / math.log(n)
    growth = many.cpu_seconds / few.cpu_seconds
    memory = many.peak_bytes / few.peak_bytes
    print(f"from n to 4n: CPU x{growth:.2f} (n log n: x{bound:.2f}), memory x{memory:.2f}")
    return int(growth > SLACK * bound)


def _hunt_in(scenario: str, posts: int, seed: int, work: Path) -> Cost:
    folder = work / f"{scenario}-{posts}-{seed}"
    path = folder / "posts.parquet"
    if not (folder / "world.json").is_file():
        write_world(build(scenario, posts, seed), folder)
    cost = cost_of(hunt([path], folder / "out"))
    print(f"{posts:,} posts ({path.stat().st_size / 1e6:,.0f} MB): {cost}, "
          f"{cost.cpu_seconds / posts * 1e6:.2f} CPU s a million", flush=True)  # fmt: skip
    return cost


if __name__ == "__main__":
    sys.exit(main())
