"""Lures: how many addresses of phishing feeds are met, and how many that real people shared.

From the address alone. Weights were set by hand in sight of feeds before 2025 and half of the
shared addresses; classes differ by source and year, so figures are by both. Real use is harder.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import zlib
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from crossfix.matching.phishing import THRESHOLD, score_url

MOST = 20_000


def group_of(row: dict[str, object]) -> tuple[str, str]:
    """Return the source of an address, and whether it was seen while writing."""
    if row["label"] == "benign":
        host = str(row["url"]).split("/")[2]
        return "shared by people", "held out" if zlib.crc32(host.encode()) % 2 else "seen"
    return str(row["source"]), "held out" if str(row["first_seen"]) >= "2025" else "seen"


def main() -> int:
    """Measure and print; return 1 if too many shared addresses are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CROSSFIX_DATA", "")))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    path = given.data / "phishing" / "urls.parquet"
    if not path.is_file():
        print("the real data sets are absent: set CROSSFIX_DATA", file=sys.stderr)
        return 0
    print(header(given.seed), flush=True)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = pq.read_table(path).to_pylist()
    random.Random(given.seed).shuffle(rows)
    for row in rows:
        if len(groups[group_of(row)]) < MOST:
            groups[group_of(row)].append(row["url"])
    began, count = time.process_time(), sum(map(len, groups.values()))
    scores = {g: [score_url(url).score for url in urls] for g, urls in groups.items()}
    print(f"{(time.process_time() - began) / count * 1e6:.0f} us CPU an address")
    shown = (THRESHOLD, 0.6, 0.8)
    table(
        ("source", "how", "addresses", *(f"met at {t:g}" for t in shown)),
        [
            (*group, len(own), *(sum(s >= t for s in own) / len(own) for t in shown))
            for group, own in sorted(scores.items())
        ],
    )
    aims = Aims()
    held = scores["shared by people", "held out"]
    aims.most("shared addresses met, held out", sum(s >= THRESHOLD for s in held) / len(held), 0.01)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
