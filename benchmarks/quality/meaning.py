"""What meaning adds to a hunt: ranking and campaigns with and without it, on the same events.

Worlds are scenarios whose operations say the same in other words, the logs of AI services left
out, and the labelled posts where ``CROSSFIX_DATA`` names real data. The hunt is the real command;
the folder of data is one in which ``crossfix meaning install`` was run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.machine import header
from benchmarks.quality.aims import table
from benchmarks.quality.outcome import Outcome, communities, data_folder, hunted, read_labels
from benchmarks.quality.score import average_precision, recall_at_precision

COLUMNS = ("input", "meaning", "AP", "R at P .9", "campaigns", ">= 80 % operation",
           "of operation accounts in these", "benign members")  # fmt: skip
POSTS = ("posts.parquet", "x.csv", "bluesky.jsonl", "mastodon.jsonl")


def main() -> int:
    """Hunt with and without, and print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="a data directory with encoders in it")
    parser.add_argument("--worlds", nargs="*", default=["paraphrase", "comments", "farm"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--real", action="store_true", help="the labelled posts, too: minutes")
    given = parser.parse_args()
    print(header(given.seeds[0]), f"\nseeds: {given.seeds}", flush=True)
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in given.worlds:
            for seed in given.seeds:
                files, labels = generated(name, seed, Path(folder))
                rows += both(f"{name}, seed {seed}", files, labels, given.data)
    if given.real and (data := data_folder()):
        real = data / "campaign_twitter"
        rows += both("Twitter", [real / "posts.parquet"], real / "labels.parquet", given.data)
    table(COLUMNS, rows)
    return 0


def generated(name: str, seed: int, folder: Path) -> tuple[list[Path], Path]:
    """Write a world; return the files of what was posted, and its labels."""
    out = folder / f"{name}-{seed}"
    size = ["--posts", "8000"] if name == "paraphrase" else []
    command = [sys.executable, "-m", "crossfix", "scenario", name, "--seed", str(seed), *size]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return [out / file for file in POSTS if (out / file).is_file()], out / "labels.csv"


def both(name: str, files: list[Path], labels: Path, data: Path) -> list[tuple[object, ...]]:
    """Hunt with and without meaning and return a row of each, and one an operation."""
    truth, rows = read_labels(labels), []
    for told, options in (("compared", ()), ("not", ("--without", "meaning"))):
        found = hunted(files, truth, "--data", str(data), *options)
        rows.append(_row(name, told, found, found.positive))
        operations = sorted(set(found.operation) - {""})
        for operation in operations if len(operations) > 1 else ():
            own = found.operation == operation
            rows.append(_row(f"{name}: {operation}", told, found, own))
    return rows


def _row(
    name: str, told: str, found: Outcome, own: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[object, ...]:
    """Return a row: one operation against benign accounts, or all of them."""
    chosen, c = own | ~found.positive, communities(found)
    score, positive = found.score[chosen], own[chosen]
    return (name, told, average_precision(score, positive),
            recall_at_precision(score, positive, 0.9), c.campaigns, c.pure, c.share,
            c.benign_members)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
