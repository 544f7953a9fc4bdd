"""The red team: detection against each evasion alone, all together, and an adversary who adapts.

Runs `crossfix redteam` and prints what it wrote as tables. Nothing is aimed at: where detection
breaks is the figure.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.measure import cost_of
from benchmarks.quality.aims import table

Row = dict[str, str]


def main() -> int:
    """Run the red team once and print its tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=16)
    parser.add_argument("--worlds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=Path, help="keep the plot here")
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        options = {"--posts": given.posts, "--rounds": given.rounds, "--worlds": given.worlds,
                   "--seed": given.seed, "--out": folder}  # fmt: skip
        words = [str(word) for option in options.items() for word in option]
        cost = cost_of([sys.executable, "-m", "crossfix", "redteam", *words], limit_seconds=14_400)
        print(f"\n$ crossfix redteam {' '.join(words[:-2])}\n{cost}", flush=True)
        _evasions(_rows(Path(folder) / "evasions.csv"))
        _rounds(_rows(Path(folder) / "redteam.csv"))
        print((Path(folder) / "redteam.md").read_text(encoding="utf-8"))
        if given.picture is not None:
            shutil.copy(Path(folder) / "redteam.svg", given.picture)
    return 0


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _evasions(rows: list[Row]) -> None:
    columns = ("evasion", "view", "level", "reach", "found", "removed", "precision", "bystanders")
    table(columns, [tuple(row[name] for name in columns) for row in rows])


def _rounds(rows: list[Row]) -> None:
    """Print each round of the playbook that the adversary holds to be its best."""
    columns = ("setting", "round", "accounts", "found", "removed", "precision", "reach",
               "delivered")  # fmt: skip
    best = [row for row in rows if row["crew"] == "0"]
    table(columns, [tuple(row[name] for name in columns) for row in best])


if __name__ == "__main__":
    sys.exit(main())
