"""How prompt an account is on the keys that it shares: an audience is slow, an operation quick.

On each shared key an account either was the first, or came some time after the one before it.
Its promptness is the mean of 1 (first) and exp(-gap / scale), rare keys weighing most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.network.reliability import KindWeights
from crossfix.store.engine import StepRunner

SCALE_SECONDS = 300.0

FIRST_TIMES = """
SELECT kind, key, account, MIN(time) AS time
FROM traces
GROUP BY kind, key, account
"""
"""When each account first left each key."""

GAPS = """
SELECT kind, key, account, gap, accounts
FROM (
    SELECT
        kind, key, account,
        time - LAG(time) OVER (PARTITION BY kind, key ORDER BY time, account) AS gap,
        COUNT(*) OVER (PARTITION BY kind, key) AS accounts
    FROM first_times
) AS sequence
WHERE accounts > 1
ORDER BY kind, key, account
"""
"""How long after the one before it each account left each shared key; null for the first."""


@dataclass(frozen=True)
class Promptness:
    """``prompt`` is the mean promptness of each account, ``keys`` how many keys it rests on."""

    prompt: NDArray[np.float64]
    keys: NDArray[np.float64]


def promptness(
    traces: pa.Table, engine: StepRunner, weights: KindWeights, accounts: int
) -> Promptness:
    """Measure every account's promptness; ``traces`` has the columns of `TRACES`."""
    engine.register("traces", traces)
    try:
        engine.create("first_times", FIRST_TIMES)
        gaps = engine.fetch("gaps", GAPS)
    finally:
        engine.drop("first_times", "traces")
    account = gaps.column("account").to_numpy()
    others = gaps.column("accounts").to_numpy() - 1.0
    weight = weights.weight[gaps.column("kind").to_numpy()] / others
    gap = gaps.column("gap").cast(pa.float64()).to_numpy()
    prompt = np.where(np.isnan(gap), 1.0, np.exp(-np.nan_to_num(gap) / (SCALE_SECONDS * 1e6)))
    total = np.bincount(account, weights=weight, minlength=accounts)
    squares = np.bincount(account, weights=weight**2, minlength=accounts)
    seen = total > 0
    mean, keys = np.zeros(accounts), np.zeros(accounts)
    mean[seen] = np.bincount(account, weights=weight * prompt, minlength=accounts)[seen]
    mean[seen] /= total[seen]
    keys[seen] = total[seen] ** 2 / squares[seen]
    return Promptness(mean, keys)
