"""Accounts that act to one machine's beat."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces.columns import acted
from crossfix.traces.shingles import I64
from crossfix.traces.trace import Clusterer, Keys

ACTIVE = frozenset({"post", "repost", "reply", "like", "follow", "message", "send", "prompt"})

GAPS = 5
"""Gaps in a row that make a key: six events."""

LONGEST_GAP_SECONDS = 86_400
LEAST_GAP_SECONDS = 2
SPARE_BITS = 7.0
"""How much rarer than once in all pairs of runs a key is: under one chance match in a hundred."""

_MICROSECONDS = 1_000_000
_ROUNDED_TO = (5, 10, 60)


class Rhythm(Clusterer):
    """The same sequence of gaps between an account's events, to the second.

    People do not repeat each other's pauses to the second, a scheduler that drives many accounts
    does. How surprising a run is, is counted in bits: for each *distinct* gap in it, the share of
    all gaps that are as long, or what a log-uniform choice would give, whichever is larger. A
    run is a key if it has more bits than chance can fill, `SPARE_BITS` beyond the logarithm of
    the number of pairs of runs, and if two accounts left it. So neither quick bursts nor a steady
    beat count (thousands of innocent feeds post on the hour). Services whose times are rounded say
    nothing; events of one second count as one.
    """

    kind = "rhythm"
    family = "rhythm"
    phrase = "acted in the same rhythm, to the second"

    def __init__(self) -> None:
        self._events = 0
        self._codes: dict[str, int] = {}
        self._services: dict[str, int] = {}
        self._rows: list[I64] = []
        self._accounts: list[NDArray[np.int32]] = []
        self._service_of: list[NDArray[np.int32]] = []
        self._seconds: list[I64] = []

    def add(self, events: pa.RecordBatch) -> None:
        """Keep who acted when."""
        rows = np.flatnonzero(acted(events, ACTIVE))
        times = events.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False)[rows]
        self._rows.append(rows + self._events)
        self._accounts.append(_codes(events.column("account"), rows, self._codes))
        self._service_of.append(_codes(events.column("service"), rows, self._services))
        self._seconds.append(times // _MICROSECONDS)
        self._events += events.num_rows

    def finish(self) -> Keys:
        """Return the run of gaps that begins at each event, where it is a key."""
        nothing = Keys(np.empty(0, dtype=np.int64), pa.array([], pa.string()))
        if not self._rows:
            return nothing
        rows = np.concatenate(self._rows)
        account, service = np.concatenate(self._accounts), np.concatenate(self._service_of)
        seconds = np.concatenate(self._seconds)
        fine = _to_the_second(service, seconds, len(self._services))
        rows, account, seconds = rows[fine], account[fine], seconds[fine]
        order = np.lexsort((rows, seconds, account))
        rows, account, seconds = rows[order], account[order], seconds[order]
        again = np.zeros(len(rows), dtype=np.bool_)
        again[1:] = (account[1:] == account[:-1]) & (seconds[1:] == seconds[:-1])
        rows, account, seconds = rows[~again], account[~again], seconds[~again]
        if len(rows) <= GAPS:
            return nothing
        return _keys(rows, account, seconds)


def _codes(names: pa.Array, rows: I64, known: dict[str, int]) -> NDArray[np.int32]:
    """Return the codes of names, by first appearance."""
    unique = names.take(pa.array(rows)).dictionary_encode()
    codes = [known.setdefault(n, len(known)) for n in unique.dictionary.to_pylist()]
    answer: NDArray[np.int32] = np.array(codes, dtype=np.int32)[unique.indices.to_numpy()]
    return answer


def _to_the_second(service: NDArray[np.int32], seconds: I64, services: int) -> NDArray[np.bool_]:
    """Tell which events are of a service whose times are true seconds.

    Of true seconds one in sixty is a whole minute, one in five a multiple of five; a service with
    2.5 times as many is rounded, or scheduled on the minute, which says as little.
    """
    total = np.bincount(service, minlength=services)
    fine = np.ones(services, dtype=np.bool_)
    for step in _ROUNDED_TO:
        whole = np.bincount(service, seconds % step == 0, services)
        fine &= whole * step <= 2.5 * total + 10 * step
    return fine[service]


def _keys(rows: I64, account: NDArray[np.int32], seconds: I64) -> Keys:
    """Return the keys of runs of gaps, from events ordered by account and time."""
    count = len(rows) - GAPS
    gaps = np.diff(seconds)
    windows = np.lib.stride_tricks.sliding_window_view(gaps, GAPS)
    good = account[:count] == account[GAPS:]
    good &= (windows >= LEAST_GAP_SECONDS).all(axis=1)
    good &= (windows <= LONGEST_GAP_SECONDS).all(axis=1)
    at = np.flatnonzero(good)
    needed = 2 * np.log2(max(len(at), 2)) + SPARE_BITS
    at = at[_bits(gaps, account, windows[at]) >= needed]
    at = at[_left_by_two(windows[at], account[at])]
    at = at[np.argsort(rows[at], kind="stable")]
    values = ["+".join(map(str, run)) for run in windows[at].tolist()]
    return Keys(rows[at], pa.array(values, pa.string()))


def _bits(gaps: I64, account: NDArray[np.int32], runs: I64) -> NDArray[np.float64]:
    """Return how surprising runs are, in bits, each distinct gap of a run counted once."""
    own = gaps[account[:-1] == account[1:]]
    lengths, numbers = np.unique(own, return_counts=True)
    share = numbers / max(len(own), 1)
    by_chance = 1 / (lengths.clip(1) * np.log(LONGEST_GAP_SECONDS))
    bits = -np.log2(np.maximum(share, by_chance))
    ordered = np.sort(runs, axis=1)
    each = bits[np.searchsorted(lengths, ordered)]
    each[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0
    answer: NDArray[np.float64] = each.sum(axis=1)
    return answer


def _left_by_two(runs: I64, account: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which runs two accounts or more have left."""
    if not len(runs):
        return np.empty(0, dtype=np.bool_)
    _, same = np.unique(runs, axis=0, return_inverse=True)
    same = same.ravel()
    pairs = np.unique(np.stack([same, account], axis=1), axis=0)[:, 0]
    answer: NDArray[np.bool_] = np.bincount(pairs)[same] > 1
    return answer
