"""Why an account was missed, or why a benign one stands high, as the network saw it."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossfix.accounts.actors import actors
from crossfix.campaigns.detect import Detection, detect
from crossfix.campaigns.gather import gather
from crossfix.events.readers import ReadOptions, read_files
from crossfix.network.group import CORE, PROMPT_ENOUGH
from crossfix.traces.table import Traces


@dataclass(frozen=True)
class Seen:
    """What the network made of one input: account names, traces and the detection."""

    names: list[str]
    traces: Traces
    found: Detection

    def tied(self, code: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the partners of an account, strongest first, and the weights of the ties."""
        ties = self.found.ties
        mine = (ties.a == code) | (ties.b == code)
        partner = np.where(ties.a[mine] == code, ties.b[mine], ties.a[mine])
        order = np.argsort(-ties.weight[mine], kind="stable")
        return partner[order], ties.weight[mine][order]

    def shared(self, code: int, partners: NDArray[np.int64]) -> str:
        """Say how many keys of which kinds an account shares with these partners."""
        a, b = self.found.pairs.column("account_a"), self.found.pairs.column("account_b")
        rows = ((a == code) & np.isin(b, partners)) | ((b == code) & np.isin(a, partners))
        counts = Counter(self.found.pairs.column("kind")[rows].tolist())
        return ", ".join(
            f"{self.traces.kinds[kind]} {many}" for kind, many in counts.most_common(4)
        )

    def ever(self, code: int, own: NDArray[np.bool_]) -> str:
        """Say which keys an account shares at any distance in time, kind by kind.

        First how many with how many accounts that ``own`` marks, then the same of the others.
        """
        account, kind, key = (
            self.traces.table.column(name).to_numpy() for name in ("account", "kind", "key")
        )
        mine = account == code
        told = []
        for number in np.unique(kind[mine]).tolist():
            rows = np.flatnonzero((kind == number) & ~mine)
            rows = rows[np.isin(key[rows], key[mine & (kind == number)])]
            counts = [
                f"{len(np.unique(key[r]))} with {len(np.unique(account[r]))}"
                for r in (rows[own[account[rows]]], rows[~own[account[rows]]])
            ]
            if len(rows):
                told.append(f"{self.traces.kinds[number]} {counts[0]} and {counts[1]}")
        return "; ".join(told) or "nothing"


def see(path: Path, *, seed: int = 0) -> Seen:
    """Read a file and detect in it what ``crossfix hunt`` does."""
    batches = read_files([path], ReadOptions(now=datetime.now(UTC)))
    with tempfile.TemporaryDirectory() as folder:
        gathered = gather(batches, Path(folder))
        gathered.spool.close()
    behaviour, traces = gathered.behaviour, gathered.traces
    actor = actors(len(behaviour), behaviour.persons)
    found = detect(traces, actor, seed=seed)
    return Seen(behaviour.accounts.to_pylist(), traces, found)


REASONS = (
    "no tie at all",
    "no tie to its operation",
    "one partner only",
    "lagging",
    "weak tie",
    "strong enough, in no community",
)
"""Why an account of an operation is in no campaign; the first that is true."""


def reason(seen: Seen, code: int, own: NDArray[np.bool_]) -> str:
    """Return the reason (of `REASONS`); ``own`` marks the accounts of the operation."""
    partners, _ = seen.tied(code)
    found = seen.found
    if not len(partners):
        return REASONS[0]
    if not own[partners].any():
        return REASONS[1]
    if len(partners) == 1:
        return REASONS[2]
    if found.ranks.lag[code] < PROMPT_ENOUGH:
        return REASONS[3]
    support = found.ranks.support[code]
    if support / (support + found.chance) < CORE:
        return REASONS[4]
    return REASONS[5]
