"""When accounts act: the regularity of gaps, the spread over minutes, the hours of rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SECOND = 1_000_000
_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rhythm:
    """Columns per account (float64, NaN where too little is known to tell).

    ``gaps`` counts the gaps long enough to be judged (at least ten times the finest step of the
    service's clock). ``modal_share`` is the share of them in the most frequent 2 % wide class: a
    person's gaps spread over many classes, a timer's fall into one, with jitter too.
    ``burstiness`` is (σ−μ)/(σ+μ) of all gaps, −1 for a metronome, 0 for a Poisson process, to 1
    for bursts (Goh and Barabási 2008). ``minute_entropy`` and ``second_entropy`` are the
    entropies of minute-of-hour and second-of-minute, 0 to 1, corrected for the number of events
    (Miller and Madow). ``rest_share`` is the share of events in the six quietest hours in a row:
    near 0 for who sleeps, .25 for who never does.
    """

    gaps: Ints
    modal_share: Floats
    burstiness: Floats
    minute_entropy: Floats
    second_entropy: Floats
    rest_share: Floats


def rhythm(
    account: NDArray[np.int32], time: Ints, accounts: int, step: Ints, *, hours: NDArray[np.uint32]
) -> Rhythm:
    """Measure when accounts act.

    ``account`` and ``time`` (UTC microseconds) are sorted by account, then time; ``step`` is the
    finest step of each account's clock in microseconds; ``hours`` is accounts × 24 counts.
    """
    same = account[1:] == account[:-1]
    gap, of = np.diff(time)[same], account[1:][same]
    long = gap >= np.maximum(10 * step[of], 10 * SECOND)
    count = np.bincount(of[long], minlength=accounts)
    modal = _modal_share(of[long], gap[long], accounts, count)
    days = _distinct(account, time // _DAY, accounts)
    minute = _entropy(account, (time // _MINUTE % 60), accounts)
    second = _entropy(account, (time // SECOND % 60), accounts)
    return Rhythm(
        gaps=count,
        modal_share=modal,
        burstiness=_burstiness(of, gap, accounts),
        minute_entropy=np.where(step < _HOUR, minute, np.nan),
        second_entropy=np.where(step < _MINUTE, second, np.nan),
        rest_share=np.where(step < _HOUR, _rest_share(hours, days), np.nan),
    )


def clock_step(time: Ints) -> int:
    """Return the finest step of a clock: 1 s, a minute, an hour or a day, in microseconds.

    A feed rounded to minutes makes gaps of exactly 60 s that mean nothing. One time in a hundred
    may be finer than the step.
    """
    for step in (_DAY, _HOUR, _MINUTE):
        if len(time) and np.count_nonzero(time % step) <= len(time) // 100:
            return step
    return SECOND


def _modal_share(of: NDArray[np.int32], gap: Ints, accounts: int, count: Ints) -> Floats:
    width = np.log(1.02)
    share = np.full(accounts, np.nan)
    if not len(gap):
        return share
    # Two grids, half a class apart: a mode on the border of one lies inside the other.
    best = np.zeros(accounts, np.int64)
    for shift in (0.0, 0.5):
        level = (np.log(gap) / width + shift).astype(np.int64)
        groups, size = np.unique(of.astype(np.int64) << 32 | level, return_counts=True)
        np.maximum.at(best, groups >> 32, size)
    known = count >= 20
    share[known] = best[known] / count[known]
    return share


def _burstiness(of: NDArray[np.int32], gap: Ints, accounts: int) -> Floats:
    n = np.bincount(of, minlength=accounts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of, gap, accounts) / n
        away = np.bincount(of, (gap - mean[of]) ** 2, accounts)
        spread = np.sqrt(away / n)
        value = (spread - mean) / (spread + mean)
    return np.where(n >= 20, value, np.nan)


def _distinct(account: NDArray[np.int32], bucket: Ints, accounts: int) -> Ints:
    """Count the different buckets per account; both sorted together."""
    if not len(account):
        return np.zeros(accounts, np.int64)
    new = np.ones(len(account), bool)
    new[1:] = (account[1:] != account[:-1]) | (bucket[1:] != bucket[:-1])
    return np.bincount(account[new], minlength=accounts)


def _entropy(account: NDArray[np.int32], slot: Ints, accounts: int) -> Floats:
    """Entropy over 60 slots as a share of the highest; NaN below 60 events."""
    groups, size = np.unique(account.astype(np.int64) * 60 + slot, return_counts=True)
    of = groups // 60
    n = np.bincount(of, size, accounts)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = size / n[of]
        raw = np.bincount(of, -share * np.log(share), accounts)
        # Few events leave slots empty by chance; without the correction they would look regular.
        corrected = raw + (np.bincount(of, minlength=accounts) - 1) / (2 * n)
    return np.where(n >= 60, np.minimum(corrected / np.log(60), 1.0), np.nan)


def _rest_share(hours: NDArray[np.uint32], days: Ints) -> Floats:
    """Share of the six quietest hours in a row; NaN below 50 events or 10 days with any."""
    total = hours.sum(axis=1)
    ring = np.concatenate([hours, hours[:, :5]], axis=1).astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(ring, 6, axis=1).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = windows.min(axis=1) / total
    return np.where((total >= 50) & (days >= 10), share, np.nan)
