"""Figures of a ranking against the truth: precision, recall and how sure they are.

Accounts with equal scores stand or fall together: every figure looks only at thresholds that part
different scores, so the order in which equal ones are written changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_CHUNK = 2_000_000


@dataclass(frozen=True)
class Curve:
    """Accounts above each threshold, highest threshold first: those found, and those right."""

    found: NDArray[np.int64]
    right: NDArray[np.int64]

    @property
    def precision(self) -> Floats:
        """Share of those found that are right."""
        return self.right / self.found

    @property
    def recall(self) -> Floats:
        """Share of the right ones that are found; NaN where there are none."""
        total = self.right[-1] if len(self.right) else 0
        return self.right / total if total else np.full(len(self.right), np.nan)


def curve(score: Floats, positive: Flags) -> Curve:
    """Count accounts at or above each distinct score."""
    order = np.argsort(-score, kind="stable")
    last = _ends(score[order])
    return Curve(last + 1, np.cumsum(positive[order].astype(np.int64))[last])


def average_precision(score: Floats, positive: Flags) -> float:
    """Return the mean, over positives, of the precision at the threshold that is their score.

    NaN where there is no positive.
    """
    points = curve(score, positive)
    if not len(score) or not points.right[-1]:
        return float("nan")
    gained = np.diff(points.right, prepend=0)
    return float((gained * points.precision).sum() / points.right[-1])


def precision_at_recall(score: Floats, positive: Flags, recall: float) -> float:
    """Return the precision at the highest threshold that finds this share of the positives."""
    points = curve(score, positive)
    reached = np.flatnonzero(points.recall >= recall - 1e-12)
    return float(points.precision[reached[0]]) if len(reached) else float("nan")


def recall_at_precision(score: Floats, positive: Flags, precision: float) -> float:
    """Return the greatest recall of a threshold that is this precise, 0 if none is."""
    points = curve(score, positive)
    precise = points.precision >= precision - 1e-12
    return float(points.recall[precise].max(initial=0.0))


def bootstrap(
    score: Floats, positive: Flags, *, seed: int, resamples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the average precision over resampled accounts (percentiles).

    Accounts are drawn with replacement, as many as there are; draws without a positive are left
    out.
    """
    order = np.argsort(-score, kind="stable")
    ranked = positive[order]
    starts = np.append(0, _ends(score[order])[:-1] + 1)
    n = len(score)
    rng = np.random.default_rng(seed)
    found: list[Floats] = []
    step = max(1, _CHUNK // n)
    for begin in range(0, resamples, step):
        rows = min(step, resamples - begin)
        drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        found.append(_weighted(times, ranked, starts))
    values = np.concatenate(found)
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _weighted(times: NDArray[np.int64], ranked: Flags, starts: NDArray[np.int64]) -> Floats:
    """Return the average precision of each row of ``times``, how often each account counts."""
    every = np.cumsum(np.add.reduceat(times, starts, axis=1), axis=1)
    gained = np.add.reduceat(times * ranked, starts, axis=1)
    right = np.cumsum(gained, axis=1)
    total = right[:, -1].astype(np.float64)
    total[total == 0] = np.nan
    share = np.divide(right, every, out=np.zeros(every.shape), where=every > 0)
    answer: Floats = (gained * share).sum(axis=1) / total
    return answer


def _ends(ordered: Floats) -> NDArray[np.int64]:
    """Return the last place of each run of equal values."""
    return (
        np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        if len(ordered)
        else (np.empty(0, np.int64))
    )


FIGURES = ("ranked by", "accounts", "of operations", "AP", "95 %", "P at R .5", "P at R .7",
           "P at R .9", "R at P .9")  # fmt: skip
"""The columns of `figures`."""


def figures(
    name: str, score: Floats, positive: Flags, *, seed: int, resamples: int = 2000
) -> tuple[object, ...]:
    """Return one row of `FIGURES`."""
    low, high = bootstrap(score, positive, seed=seed, resamples=resamples)
    return (
        name, len(score), int(positive.sum()), average_precision(score, positive),
        f"{low:.3f} to {high:.3f}",
        *(precision_at_recall(score, positive, recall) for recall in (0.5, 0.7, 0.9)),
        recall_at_precision(score, positive, 0.9),
    )  # fmt: skip
