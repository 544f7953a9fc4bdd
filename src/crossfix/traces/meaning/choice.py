"""Which texts are worth an encoder's time: a budget is spent on those that may matter most.

A pair of texts is found only if both are read, so a budget is spent on whole accounts. First come
those that have something rare in common with a few others already, for how much they do: who acts
together leaves more than one kind of trace. Then come all others, the latest texts first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FEW = 20
"""Accounts that a key may have at most to count as rare."""

EACH = 200
"""Texts of one account that are read, its latest, before all others had their turn."""

USUAL_KEYS = 20.0
"""Keys that every account is taken to have left besides: few acts in common prove little."""


@dataclass(frozen=True)
class Wordings:
    """Texts of an input, near-duplicates taken together, the least key first.

    ``key`` names each; ``event`` is the row of its earliest event; ``of`` and ``events`` say, an
    event a row, which wording it has, in the order of events.
    """

    key: NDArray[np.uint64]
    event: Ints
    of: Ints
    events: Ints


def wordings(traces: pa.Table, text: int, near_text: int) -> Wordings:
    """Return the wordings of an input from its traces (columns of `crossfix.traces.TRACES`).

    ``text`` and ``near_text`` are the codes of these kinds. Only texts that say enough leave a
    trace of the first; where there is one of the second, it names the wording. Where the first is
    switched off there are none.
    """
    kind = traces.column("kind").to_numpy()
    events, keys = (traces.column(c).to_numpy() for c in ("event", "key"))
    own, near = np.flatnonzero(kind == text), np.flatnonzero(kind == near_text)
    own = own[np.argsort(events[own], kind="stable")]
    event, key = events[own].astype(np.int64), keys[own].copy()
    near = near[np.isin(events[near], event)]
    key[np.searchsorted(event, events[near])] = keys[near]
    names, first, of = np.unique(key, return_index=True, return_inverse=True)
    return Wordings(names, event[first], of.astype(np.int64), event)


def chosen(
    said: Wordings, traces: pa.Table, accounts: NDArray[np.int32], times: Ints, most: int,
    weights: Mapping[int, float],
) -> Ints:  # fmt: skip
    """Return at most ``most`` wordings to read, ascending.

    ``accounts`` and ``times`` are those of all events, by row; ``weights`` say how far a key of a
    kind (by code) tells of coordination.
    """
    if len(said.key) <= most:
        return np.arange(len(said.key))
    owner, time = accounts[said.event], times[said.event]
    common = in_common(traces, int(accounts.max(initial=-1)) + 1, weights)
    latest = np.lexsort((said.key, -time, owner))
    starts = np.flatnonzero(np.diff(owner[latest], prepend=-1))
    place = np.arange(len(latest)) - np.repeat(starts, np.diff(np.append(starts, len(latest))))
    turn = np.empty(len(latest), dtype=np.int64)
    turn[latest] = place
    first = (common[owner] > 0) & (turn < EACH)
    rank = np.where(first, common[owner], 0.0)
    order = np.lexsort((said.key, -time, np.where(first, owner, 0), -rank))
    return np.sort(order[:most])


def in_common(traces: pa.Table, accounts: int, weights: Mapping[int, float]) -> NDArray[np.float64]:
    """Return how much that is rare each account shares with others, for how much it does."""
    kind = traces.column("kind").to_numpy()
    counted = np.flatnonzero(np.isin(kind, [code for code, w in weights.items() if w > 0]))
    account = traces.column("account").to_numpy()[counted].astype(np.int64)
    key = traces.column("key").to_numpy()[counted]
    order = np.lexsort((account, key))
    account, key, of_kind = account[order], key[order], kind[counted][order]
    new_key = np.ones(len(key), dtype=np.bool_)
    new_key[1:] = key[1:] != key[:-1]
    once = new_key.copy()
    once[1:] |= account[1:] != account[:-1]
    account, of_kind, number = account[once], of_kind[once], (np.cumsum(new_key) - 1)[once]
    met = np.bincount(number)[number] if len(number) else number
    weight = np.zeros(int(of_kind.max(initial=0)) + 1)
    for code, value in weights.items():
        if code < len(weight):
            weight[code] = value
    rare = (met >= 2) & (met <= FEW)
    shared = np.bincount(account[rare], weight[of_kind[rare]] / (met[rare] - 1), minlength=accounts)
    left = np.bincount(account, minlength=accounts)
    answer: NDArray[np.float64] = shared / (left + USUAL_KEYS)
    return answer
