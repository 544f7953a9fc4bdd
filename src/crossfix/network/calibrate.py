"""What a score means: support against the support that chance alone would give.

The same ranking runs once more on the same traces with the accounts exchanged among events of
one kind and stretch of time (an hour; where little happens, as many hours as hold `STRETCH`
traces, or an operation would be exchanged with itself): bursts, hours of the day, popularity and
activity stay, who acted with whom does not. What lasts (an address, a device) goes to another
account as a whole, with all events that show it: event by event it would be spread over many, and
chance would seem able to do what it cannot. An account's score is support / (support + the
support that one account in `ONE_IN` reaches there). So .5 means the same on every input: chance
lets one account in a thousand come that far.

Whoever acts as one is in these traces, too, and so are those that share it later: exchanged among
each other, what an operation and its audience share still meets, and the operation would be the
measure of its own chance. So once communities are found, chance is asked again of all others, by
themselves (a step down, as in Westfall and Young, 1993).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import pdtr

ONE_IN = 1000
HOUR = 3_600_000_000
"""Microseconds in an hour."""

STRETCH = 200
"""Traces of a kind among which accounts are exchanged, at least."""

SURE = 0.05
"""How probable it may be that chance seems lower by luck."""

LEAST = 1e-7
"""No support below this is anything."""


def exchanged(
    traces: pa.Table,
    seed: int,
    lasting: Collection[int] = (),
    base: NDArray[np.int64] | None = None,
) -> pa.Table:
    """Return the traces with accounts exchanged at random within kind and stretch of time.

    ``lasting`` are the codes of kinds whose keys stay with an account: there all that an account
    left of one key goes to one other account, drawn where it was first left. What was left of a
    kind with a ``base`` goes with what the same event left of that.
    """
    kind = traces.column("kind").to_numpy()
    hour = traces.column("time").to_numpy() // HOUR
    account = traces.column("account").to_numpy()
    unit = _units(traces, np.flatnonzero(np.isin(kind, sorted(lasting))))
    if base is not None:
        unit = _with_base(traces, unit, base)
    heads = np.flatnonzero(unit == np.arange(len(unit)))
    answer = np.empty_like(account)
    answer[heads] = _mixed(kind[heads], hour[heads], account[heads], seed)
    index = traces.schema.get_field_index("account")
    return traces.set_column(index, traces.schema.field(index), pa.array(answer[unit]))


def _units(traces: pa.Table, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each trace the one that it goes with: itself, or the first of kind, account, key.

    The latter holds of some rows.
    """
    unit = np.arange(traces.num_rows)
    named = [traces.column(name).to_numpy()[rows] for name in ("time", "key", "account", "kind")]
    order = np.lexsort((rows, *named))
    _, *same = (values[order] for values in named)
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = np.any([values[1:] != values[:-1] for values in same], axis=0)
    first = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    unit[rows[order]] = rows[order][first]
    return unit


def _with_base(
    traces: pa.Table, unit: NDArray[np.int64], base: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Have what events left of a kind go with what they left first of its base, if anything."""
    kind, event = (traces.column(name).to_numpy() for name in ("kind", "event"))
    answer = unit.copy()
    for code in np.unique(kind).tolist():
        rows = np.flatnonzero(kind == code)
        ground = np.flatnonzero(kind == base[code])
        if base[code] == code or not len(ground):
            continue
        events, first = np.unique(event[ground], return_index=True)
        at = np.minimum(np.searchsorted(events, event[rows]), len(events) - 1)
        there = events[at] == event[rows]
        answer[rows[there]] = unit[ground[first[at[there]]]]
    return answer


def _mixed(
    kind: NDArray[np.int8], hour: NDArray[np.int64], account: NDArray[np.int32], seed: int
) -> NDArray[np.int32]:
    """Return the accounts exchanged at random within kind and stretch."""
    stable = np.lexsort((hour, kind))
    stretch = np.empty(len(kind), dtype=np.int64)
    stretch[stable] = _stretches(kind[stable], hour[stable])
    drawn = np.random.default_rng(seed).random(len(kind))
    mixed = np.lexsort((drawn, stretch, kind))
    answer = np.empty_like(account)
    answer[np.lexsort((stretch, kind))] = account[mixed]
    return answer


def _stretches(kind: NDArray[np.int8], hour: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number, within each kind, stretches of whole hours with `STRETCH` traces or more."""
    rows = np.arange(len(kind))
    new = np.ones(len(kind), dtype=np.bool_)
    new[1:] = (kind[1:] != kind[:-1]) | (hour[1:] != hour[:-1])
    first_of_hour = np.maximum.accumulate(np.where(new, rows, 0))
    new_kind = np.ones(len(kind), dtype=np.bool_)
    new_kind[1:] = kind[1:] != kind[:-1]
    first_of_kind = np.maximum.accumulate(np.where(new_kind, rows, 0))
    return (first_of_hour - first_of_kind) // STRETCH


def by_chance(support: NDArray[np.float64]) -> float:
    """Return the support that one account in `ONE_IN` reaches in exchanged traces."""
    if not len(support):
        return LEAST
    return max(float(np.quantile(support, 1 - 1 / ONE_IN, method="higher")), LEAST)


def of_others(traces: pa.Table, community: NDArray[np.int64]) -> pa.Table | None:
    """Return what those in no community (-1) left, None where chance need not be asked again.

    That is where nobody is in one, or too few are in none to tell a lower chance from luck.
    """
    others = community < 0
    if others.all() or _luck(0, int(np.count_nonzero(others))) > SURE:
        return None
    return traces.filter(pa.array(others[traces.column("account").to_numpy()]))


def lower(support: NDArray[np.float64], chance: float) -> float:
    """Return what chance gives by these supports, or ``chance`` where it is not surely more."""
    if _luck(int(np.count_nonzero(support >= chance)), len(support)) > SURE:
        return chance
    return min(by_chance(support), chance)


def _luck(reach: int, accounts: int) -> float:
    """Return how probable it is that no more reach what one in `ONE_IN` is expected to."""
    return float(pdtr(reach, accounts / ONE_IN))


def scores(support: NDArray[np.float64], chance: float) -> NDArray[np.float64]:
    """Return scores from 0 to 1 in the order of ``support``; .5 where it equals ``chance``."""
    answer: NDArray[np.float64] = support / (support + chance)
    return answer
