"""How well the inauthenticity score tells operations from people, on labelled posts.

FOLDER (else the set `campaign_twitter` of ``CROSSFIX_DATA``) holds ``posts.parquet`` and its labels
(``labels.parquet`` or ``labels.csv``: account, is_operation, operation, kind, role), as
`crossfix scenario` writes them. The score is not fitted to labels, so there is no operation to
leave out.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.machine import header
from benchmarks.quality.aims import Aims
from benchmarks.quality.outcome import data_folder
from crossfix.accounts.behaviour import Behaviour, BehaviourCollector
from crossfix.campaigns.inauthenticity import AccountParts, of_accounts, of_campaign
from crossfix.events.readers import ReadOptions, read_files

HIGH = 0.5


def main() -> int:
    """Read, score and print the tables; return 1 if the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="else the labelled real posts")
    parser.add_argument("--least", type=int, default=20, help="posts of an active account")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    data = given.folder or data_folder()
    if data is None:
        return 0
    folder = given.folder or data / "campaign_twitter"
    known = collect(folder / "posts.parquet")
    begin = time.process_time()
    scores = of_accounts(known)
    took = time.process_time() - begin
    group, operation = labels(folder, known)
    active = known.events >= given.least
    print(f"scored {len(known):,} accounts in {took:.2f} CPU s")
    parts_table(scores, operation, active)
    groups_table(known, scores, group, operation, active)
    communities(known, scores, ~operation & active, given.seed)
    aims = Aims()
    aims.most("benign accounts with score >= .5", (scores.score[~operation] >= HIGH).mean(), 0.001)
    return aims.close()


def collect(path: Path) -> Behaviour:
    """Read posts as the command line would and gather behaviour, saying what it costs."""
    collector, cost, events = BehaviourCollector(), 0.0, 0
    for batch in read_files([path], ReadOptions(now=datetime.now(UTC), service="x")):
        begin = time.process_time()
        collector.add(batch)
        cost += time.process_time() - begin
        events += batch.num_rows
    begin = time.process_time()
    known = collector.finish()
    cost += time.process_time() - begin
    print(f"gathered {events:,} events in {cost:.2f} CPU s")
    return known


def labels(folder: Path, known: Behaviour) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """Return each account's group (the operation, else what kind of person) and its label."""
    path = folder / "labels.parquet"
    table = pq.read_table(path) if path.exists() else pyarrow.csv.read_csv(folder / "labels.csv")
    truth = {}
    for row in table.to_pylist():
        person = row["role"] if row["kind"] == "benign" else row["kind"]
        truth[row["account"]] = (row["operation"] or person, bool(row["is_operation"]))
    names = [name.rpartition(":")[2] for name in known.accounts.to_pylist()]
    group, operation = zip(*(truth[name] for name in names), strict=True)
    return np.array(group), np.array(operation)


def auc(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return the chance that an operation's account scores above a person's."""
    p, n = int(positive.sum()), int((~positive).sum())
    rank = rankdata(values)[positive].sum()
    return float((rank - p * (p + 1) / 2) / (p * n)) if p and n else float("nan")


def parts_table(
    scores: AccountParts, operation: NDArray[np.bool_], active: NDArray[np.bool_]
) -> None:
    """Print each part's AUC over active accounts and how many reach the threshold."""
    print(
        "\n| part | known: operation, benign | AUC | >= .5: operation, benign |\n|---|---|---|---|"
    )
    for name, values in {**scores.parts, "score": scores.score}.items():
        rows = active & ~np.isnan(values)
        mine = operation[rows]
        high = values[rows] >= HIGH
        print(
            f"| {name} | {mine.sum():,}, {(~mine).sum():,} | {auc(values[rows], mine):.3f} "
            f"| {high[mine].sum():,}, {high[~mine].sum():,} |"
        )
    benign = ~operation
    share = (scores.score[benign] >= HIGH).mean()
    print(f"\nall benign accounts with score >= .5: {share:.4%} of {benign.sum():,}")


def groups_table(
    known: Behaviour, scores: AccountParts, group: NDArray[np.str_],
    operation: NDArray[np.bool_], active: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Print the distribution of the score in each group, and the group's score as a campaign."""
    print("\n| group | active | p25 | p50 | p75 | p95 | as one campaign | parts |")
    print("|---|---|---|---|---|---|---|---|")
    for name in sorted(set(group[active].tolist())):
        rows = np.flatnonzero(active & (group == name))
        quartiles = np.percentile(scores.score[rows], [25, 50, 75, 95])
        members = np.flatnonzero(group == name).astype(np.int32)
        whole, parts = of_campaign(known, scores, members)
        told = ", ".join(f"{part} {value:.2f}" for part, value in parts.items())
        label = f"**{name}**" if operation[rows[0]] else name
        cells = " | ".join(f"{q:.2f}" for q in quartiles)
        print(f"| {label} | {len(rows):,} | {cells} | {whole:.2f} | {told} |")


def communities(
    known: Behaviour, scores: AccountParts, benign: NDArray[np.bool_], seed: int
) -> None:
    """Print how high random communities of active benign accounts come."""
    rng = np.random.default_rng(seed)
    codes = np.flatnonzero(benign).astype(np.int32)
    found = [
        of_campaign(known, scores, rng.choice(codes, int(rng.integers(3, 30)), replace=False))[0]
        for _ in range(1000)
    ]
    p50, p99, top = np.percentile(found, [50, 99, 100])
    print(f"\n1,000 random benign communities: p50 {p50:.2f}, p99 {p99:.2f}, highest {top:.2f}")


if __name__ == "__main__":
    sys.exit(main())
