"""Links: pairs of accounts with more keys in common, closer in time, than chance explains.

The null model keeps how many keys each account left and when, how popular the keys are and how
the shares of a key lie in time; it forgets who left what with whom. Within a window w, two
accounts with ``d`` keys of a kind have as many in common as a Poisson variable with mean
``d_a d_b P_w / D``, where ``P_w`` is the number of (pair, key) rows that met within w in the whole
input and ``D`` the sum of ``d_a d_b`` over all pairs: in all, as many meetings are expected as
there were, so bursts and busy hours raise the expectation with the observation. A pair is tested
in its best window, over all keys or the rare ones alone; its p-value, times `TRIED`, goes through
Benjamini and Hochberg (1995) over all possible pairs of accounts and all kinds.

Keys that only a few events are given (`crossfix.network.reliability.BASES`) could have been any
event's of their base: there ``d`` and the stretches count what accounts left of that.

Accounts that are busy when much is shared meet often: ``by_stretch`` says whether a link holds
as well when accounts are exchanged within stretches of time (`crossfix.network.stretches`). An
operation that fills its hours alone explains itself away there, so `shown`
also keeps links inside upheld communities, which chance was asked about as a whole, and those of
accounts that are linked with others already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import pdtrc

from crossfix.network.pair import Pairs
from crossfix.network.steps import RARE_ACCOUNTS, SECOND, WINDOWS_SECONDS
from crossfix.network.stretches import Shares

FALSE_DISCOVERY_RATE = 0.01

POPULARITIES = (RARE_ACCOUNTS, 2**31 - 1)
"""Keys that no more accounts left are counted: the rare ones, and all."""

TRIED = 4.0
"""Nested windows are far from independent tests, and so are rare keys and all: fourteen count as
four."""

CO_ACTIVE = 0.0008
"""The p-value that a link must also reach when each stretch of time is taken by itself."""

WITNESSES = 2
"""Accounts that one is linked with by links that hold, from which all its links are shown."""

LINKS = pa.schema(
    [
        ("account_a", pa.int32()),
        ("account_b", pa.int32()),
        ("kind", pa.int8()),
        ("window", pa.int32()),
        ("shared_keys", pa.int32()),
        ("expected", pa.float64()),
        ("llr", pa.float64()),
        ("q_value", pa.float64()),
        ("by_stretch", pa.bool_()),
    ]
)
"""One row a kind and pair of accounts (a < b, codes): the window in seconds at which the pair
stands out most, the keys (all, or the rare ones) shared within it and expected by chance, the
log-likelihood ratio ``n ln(n / expected) - (n - expected)``, the Benjamini-Hochberg rate, and
whether the link holds in each stretch of time as well."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Tested:
    """Pairs of one kind at their best windows."""

    a: Ints
    b: Ints
    window: Ints
    most: Ints
    shared: Ints
    expected: Floats
    p_value: Floats

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> _Tested:
        return _Tested(self.a[rows], self.b[rows], self.window[rows], self.most[rows],
                       self.shared[rows], self.expected[rows], self.p_value[rows])  # fmt: skip


def validate(
    pairs: Pairs,
    traces: pa.Table,
    *,
    base: Ints | None = None,
    actor: NDArray[np.int32] | None = None,
    false_discovery_rate: float = FALSE_DISCOVERY_RATE,
) -> pa.Table:
    """Return the validated links (columns of `LINKS`), ordered by kind and accounts.

    ``traces`` are those that ``pairs`` were made from. ``actor`` numbers accounts by the person
    behind them: two accounts of one actor have no link.
    """
    kinds = list(pairs.kinds)
    if not kinds:
        return LINKS.empty_table()
    degrees = _degrees(pairs, base)
    tested = [_best_windows(pairs, kind, degrees[kind], actor) for kind in kinds]
    p = np.concatenate([t.p_value for t in tested])
    hypotheses = pairs.accounts * (pairs.accounts - 1) / 2 * len(kinds)
    rate = benjamini_hochberg(np.minimum(p * TRIED, 1.0), hypotheses)
    found = rate <= false_discovery_rate
    ends = np.cumsum([len(t.a) for t in tested])[:-1]
    kept = [t.take(own) for t, own in zip(tested, np.split(found, ends), strict=True)]
    rates = [r[own] for r, own in zip(*(np.split(x, ends) for x in (rate, found)), strict=True)]
    active = [_co_active(candidates, pairs, traces, kind, _left(traces, kind, base))
              for kind, candidates in zip(kinds, kept, strict=True)]  # fmt: skip
    held = holding(np.concatenate(active), false_discovery_rate)
    each = np.split(held, np.cumsum([len(p) for p in active])[:-1])
    links = [_links(*of) for of in zip(kept, rates, each, kinds, strict=True)]
    return pa.concat_tables(links).combine_chunks()


def holding(p_values: Floats, false_discovery_rate: float) -> NDArray[np.bool_]:
    """Return which links hold in each stretch, of all that are asked.

    Each must reach `CO_ACTIVE`, and together they must keep the rate: of a hundred links of chance
    one reaches much by luck.
    """
    rate = benjamini_hochberg(p_values, len(p_values))
    held: NDArray[np.bool_] = (p_values <= CO_ACTIVE) & (rate <= false_discovery_rate)
    return held


def benjamini_hochberg(p_values: Floats, hypotheses: float) -> Floats:
    """Return the smallest false discovery rate at which each hypothesis is rejected.

    ``hypotheses`` counts all of them; those not given have a p-value of 1.
    """
    order = np.argsort(p_values, kind="stable")
    raw = p_values[order] * hypotheses / np.arange(1, len(p_values) + 1)
    answer = np.empty(len(p_values))
    answer[order] = np.minimum.accumulate(np.minimum(raw, 1.0)[::-1])[::-1]
    return answer


def _best_windows(
    pairs: Pairs, kind: int, degrees: Sequence[Floats], actor: NDArray[np.int32] | None
) -> _Tested:
    """Test every pair that shares a key in all windows and keep the best one of each.

    ``degrees`` are those of rare keys and of all, in the order of `POPULARITIES`.
    """
    rows = pairs.of_kind(kind)
    a = pairs.column("account_a")[rows].astype(np.int64)
    b = pairs.column("account_b")[rows].astype(np.int64)
    delta, popularity = pairs.column("delta")[rows], pairs.column("accounts")[rows]
    width = len(degrees[0])
    pair_id, member = np.unique(a * width + b, return_inverse=True)
    first, second = pair_id // width, pair_id % width
    window, most, shared = (np.zeros_like(first) for _ in range(3))
    best = _Tested(first, second, window, most, shared, np.zeros(len(first)), np.ones(len(first)))
    for popular, degree in zip(POPULARITIES, degrees, strict=True):
        together = degree[first] * degree[second]
        every = max(float(degree.sum() ** 2 - (degree**2).sum()) / 2, 1.0)
        for seconds in WINDOWS_SECONDS:
            inside = (delta <= seconds * SECOND) & (popularity <= popular)
            both = np.bincount(member[inside], minlength=len(pair_id))
            expected = together * (inside.sum() / every)
            tail = np.where(both > 0, pdtrc(both - 1.0, expected), 1.0)
            better = tail < best.p_value
            for held, new in ((window, seconds), (most, popular), (shared, both),
                              (best.expected, expected), (best.p_value, tail)):  # fmt: skip
                np.copyto(held, new, where=better)
    kept = best.p_value < 1.0
    if actor is not None:
        kept &= actor[first] != actor[second]
    return best.take(kept)


def _degrees(pairs: Pairs, base: Ints | None) -> dict[int, list[Floats]]:
    """Return by kind how many rare keys and how many keys each account left.

    They are those of the kind or of its base, whichever are more.
    """
    kind, account = (pairs.degrees.column(n).to_numpy() for n in ("kind", "account"))
    numbers = [pairs.degrees.column(n).to_numpy() for n in ("rare", "keys")]
    own = {}
    for code in pairs.kinds:
        rows = kind == code
        own[code] = [np.zeros(int(account.max(initial=0)) + 1) for _ in numbers]
        for degree, number in zip(own[code], numbers, strict=True):
            degree[account[rows]] = number[rows]
    if base is None:
        return own
    return {
        code: [np.maximum(*both) for both in zip(of, own.get(int(base[code]), of), strict=True)]
        for code, of in own.items()
    }


def _left(traces: pa.Table, kind: int, base: Ints | None) -> tuple[Ints, Ints]:
    """Return the account and time of all that was left of a kind's base, and of it besides."""
    of, event = (traces.column(name).to_numpy() for name in ("kind", "event"))
    rows = np.flatnonzero(of == kind)
    if base is not None and base[kind] != kind:
        ground = np.flatnonzero(of == base[kind])
        rows = np.concatenate([ground, rows[~np.isin(event[rows], event[ground])]])
    account, time = (traces.column(name).to_numpy()[rows] for name in ("account", "time"))
    return account.astype(np.int64), time


def _co_active(
    candidates: _Tested, pairs: Pairs, traces: pa.Table, kind: int, left: tuple[Ints, Ints]
) -> Floats:
    """Return the p-values of candidates given who was active in each stretch of time."""
    answer = np.ones(len(candidates.a))
    if not len(answer):
        return answer
    shares = Shares(pairs, traces, kind, left)
    for window, most in product(WINDOWS_SECONDS, POPULARITIES):
        own = np.flatnonzero((candidates.window == window) & (candidates.most == most))
        if not len(own):
            continue
        expected = shares.expected(candidates.a[own], candidates.b[own], window, most)
        answer[own] = pdtrc(candidates.shared[own] - 1.0, expected)
    return answer


def shown(links: pa.Table, community: Ints) -> pa.Table:
    """Return the links to show, of all that are validated.

    They are all links of two accounts of which one holds in each stretch, those inside an upheld
    community, and every other one of an account in such a community or linked with `WITNESSES`
    others by links that hold: of hundreds of chance links one or two hold, and each would bring
    all those of its busy accounts.
    """
    a, b = links.column("account_a").to_numpy(), links.column("account_b").to_numpy()
    holds = links.column("by_stretch").to_numpy()
    holds = holds | (community[a] >= 0) & (community[a] == community[b])
    ends = np.stack([np.concatenate([a[holds], b[holds]]), np.concatenate([b[holds], a[holds]])])
    partners = np.bincount(np.unique(ends, axis=1)[0], minlength=len(community))
    sure = (community >= 0) | (partners >= WITNESSES)
    pair = a.astype(np.int64) * len(community) + b
    return links.filter(pa.array(np.isin(pair, pair[holds]) | sure[a] | sure[b]))


def _links(kept: _Tested, rate: Floats, held: NDArray[np.bool_], kind: int) -> pa.Table:
    """Lay links out as columns."""
    llr = kept.shared * np.log(kept.shared / kept.expected) - (kept.shared - kept.expected)
    columns = [kept.a, kept.b, np.full(len(kept.a), kind), kept.window, kept.shared,
               kept.expected, llr, rate, held]  # fmt: skip
    return pa.table(columns, names=LINKS.names).cast(LINKS)
