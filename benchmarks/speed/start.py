"""How long ``--help`` takes, and a CSV of 10,000 rows until its report stands."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.measure import cost_of, hunt
from crossfix.scenarios.exports import write_exports
from crossfix.scenarios.operations import TACTICS, add_operation
from crossfix.scenarios.people import People, live
from crossfix.scenarios.world import World

HELP_SECONDS = 0.3
REPORT_SECONDS = 5.0


def csv_of(rows: int, seed: int, folder: Path) -> Path:
    """Write a world of one service and return its CSV of ``rows`` rows."""
    world = World("start", rows, seed)
    add_operation(world, TACTICS["fast"])
    live(world, People(service_shares=(1.0, 0.0, 0.0, 0.0)))
    return write_exports(world, folder)[0]


def main() -> int:
    """Measure and print; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed))
    command = [sys.executable, "-m", "crossfix", "--help"]
    helps = [cost_of(command) for _ in range(given.runs)]
    quickest = min(cost.wall_seconds for cost in helps)
    middle = statistics.median(cost.wall_seconds for cost in helps)
    print(f"--help: {middle:.3f} s (median of {given.runs}), {quickest:.3f} s (best); "
          f"goal {HELP_SECONDS} s")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = csv_of(given.rows, given.seed, Path(folder) / "world")
        first = cost_of(hunt([path], Path(folder) / "first"))
        then = [cost_of(hunt([path], Path(folder) / f"out{i}")) for i in range(3)]
    report = min(cost.wall_seconds for cost in then)
    print(f"{given.rows:,} rows to report, first time: {first}")
    print(f"{given.rows:,} rows to report, afterwards: {min(then, key=lambda c: c.wall_seconds)}; "
          f"goal {REPORT_SECONDS} s")  # fmt: skip
    return int(quickest > HELP_SECONDS or report > REPORT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
