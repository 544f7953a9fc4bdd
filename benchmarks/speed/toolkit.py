"""CPU and memory against coordination-network-toolkit 1.5.2: near-identical texts and links.

Both read the same Parquet file and are asked who posted near-identical texts, and who posted the
same links, reposts aside. The toolkit is given one window and computes the counts of pairs. The
hunt finds the clusters of texts whatever their distance in time, and does everything else that a
hunt does as well (all kinds of traces, all windows, significance, ranks, communities, report), so
its whole process is what is compared. Worlds span seven days.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.measure import Cost, cost_of, hunt
from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import write_world

DAYS = 7
GOAL = 50.0
GOAL_POSTS = 100_000
_RIVAL = Path(__file__).with_name("rival.py")
_STAGES = ("-m", "benchmarks.speed.stages")
_KINDS = ("--kinds", "near_text", "url")


def main() -> int:
    """Measure and print; return 1 if the goal is missed, 3 if the toolkit is not installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="*", default=[10_000, 50_000, 100_000])
    parser.add_argument("--windows", type=int, nargs="*", default=[60, 600])
    parser.add_argument("--limit", type=float, default=900.0, help="seconds a step may take")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if importlib.util.find_spec("coordination_network_toolkit") is None:
        print("The rival is not installed: pip install --group bench", file=sys.stderr)
        return 3
    print(header(given.seed, "coordination-network-toolkit"), flush=True)
    reached = []
    for posts in given.posts:
        with tempfile.TemporaryDirectory() as folder:
            best = _compare(posts, given.windows, given.seed, given.limit, Path(folder))
        if posts >= GOAL_POSTS:
            reached.append(best)
    if reached:
        print(f"best ratio on text similarity at {GOAL_POSTS:,} posts or more: "
              f"x{max(reached):,.0f}; goal x{GOAL:.0f}")  # fmt: skip
    return int(bool(reached) and max(reached) < GOAL)


def _compare(posts: int, windows: list[int], seed: int, limit: float, folder: Path) -> float:
    """Print the costs of both at one size; return the best ratio on text similarity."""
    path = write_world(build("operations", posts, seed, days=DAYS), folder)[0]
    print(f"\n{posts:,} posts in {DAYS} days")
    command = [sys.executable, *_STAGES, str(path), *_KINDS]
    _say("crossfix, the first time (compiles)", cost_of(command))
    stages = cost_of(command)
    text = _lap(stages.said, "fold") + _lap(stages.said, "near_text")
    whole = cost_of(hunt([path], folder / "out"))
    load = cost_of(_rival("load", folder, str(path)))
    _say("crossfix, read, text and link traces", stages)
    print(f"    of this, text similarity: {text:,.2f} CPU s")
    _say("crossfix, whole hunt", whole)
    _say("toolkit, load", load)
    ratios = [0.0]
    for window in windows:
        similar = cost_of(_rival("similar", folder, str(window)), limit_seconds=limit)
        link = cost_of(_rival("link", folder, str(window)), limit_seconds=limit)
        _say(f"toolkit, similar within {window} s", similar)
        _say(f"toolkit, link within {window} s", link)
        least = "" if similar.finished and link.finished else "at least "
        spent = load.cpu_seconds + similar.cpu_seconds + link.cpu_seconds
        ratios.append(similar.cpu_seconds / text)
        print(f"    text similarity alone {least}x{ratios[-1]:,.1f}; both tasks with load "
              f"{least}x{spent / stages.cpu_seconds:,.1f} of our traces, "
              f"{least}x{spent / whole.cpu_seconds:,.1f} of the whole hunt",
              flush=True)  # fmt: skip
    return max(ratios)


def _lap(said: str, stage: str) -> float:
    """Return the CPU seconds that a stage took, from what the stages printed."""
    found = re.search(rf"^{stage}: ([\d.]+) CPU s", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"no stage {stage!r} in:\n{said}")
    return float(found[1])


def _rival(step: str, folder: Path, argument: str) -> list[str]:
    return [sys.executable, str(_RIVAL), step, str(folder / "toolkit.sqlite"), argument]


def _say(what: str, cost: Cost) -> None:
    print(f"  {what:<40}{cost}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
