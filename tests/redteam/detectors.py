"""Detectors for the red team to play against: one that is easily beaten, one that never is."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from crossfix.redteam.detector import Seen


def copies(files: Sequence[Path]) -> Seen:
    """Three accounts that posted one text, reposts aside, are taken to act as one."""
    posters: dict[str, set[str]] = defaultdict(set)
    for path in files:
        for row in pq.read_table(path).to_pylist():
            if not row["is_retweet"]:
                posters[row["text"]].add(f"{row['service']}:{row['account']}")
    found = frozenset[str]().union(*(who for who in posters.values() if len(who) >= 3))
    return Seen(found, found)


def everybody(files: Sequence[Path]) -> Seen:
    """Sees all there is."""
    found = frozenset(
        f"{row['service']}:{row['account']}"
        for path in files
        for row in pq.read_table(path, columns=["service", "account"]).to_pylist()
    )
    return Seen(found, found)
