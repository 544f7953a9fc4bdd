"""What shows only when accounts are seen together: made in one burst, named alike, same texts."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from crossfix.accounts.behaviour import NEVER, Behaviour

_DAY = 86_400_000_000
_LEAST = 3
"""Fewer accounts than this have nothing together."""

_LEAST_SPAN = 90 * _DAY
_CHANCE = 1e-3
"""How probable a burst or a pattern may be by chance and still count."""

Codes = NDArray[np.int32]


def born_together(behaviour: Behaviour, members: Codes) -> float:
    """Share of members made within one week beyond the cohort's share of that week, 0 to 1.

    Where it is not known when accounts were made, their first event stands for it: only in data
    of 90 days or more, leaving out its first tenth, in which everybody is seen for the first
    time, and in windows of a fiftieth of the data. NaN where neither can be told.
    """
    cohort = np.isin(behaviour.service, np.unique(behaviour.service[members]))
    made = behaviour.created
    if np.count_nonzero(made[members] != NEVER) >= max(_LEAST, len(members) / 2):
        everyone = made[cohort & (made != NEVER)]
        return _burst(made[members][made[members] != NEVER], everyone, 7 * _DAY, len(members))
    start, end = int(behaviour.first.min()), int(behaviour.last.max())
    if end - start < _LEAST_SPAN or len(members) < _LEAST:
        return float("nan")
    seen = behaviour.first
    late = seen > start + (end - start) // 10
    window = max(_DAY, (end - start) // 50)
    return _burst(seen[members][late[members]], seen[cohort & late], window, len(members))


def _burst(
    times: NDArray[np.int64], everyone: NDArray[np.int64], window: int, members: int
) -> float:
    """Lift of the fullest window over the cohort's share of it; 0 where chance explains it."""
    if len(times) < _LEAST:
        return 0.0
    times, everyone = np.sort(times), np.sort(everyone)
    inside = np.searchsorted(times, times + window, side="right") - np.arange(len(times))
    best = int(np.argmax(inside))
    count = int(inside[best])
    low, high = np.searchsorted(everyone, [times[best], times[best] + window + 1])
    # The members themselves are no part of what is usual.
    others, around = len(everyone) - len(times), int(high - low) - count
    usual = (around + 1) / (others + 2)
    if count < _LEAST or members * float(binom.sf(count - 1, members, usual)) > _CHANCE:
        return 0.0
    return max(0.0, (count / members - usual) / (1 - usual))


def same_texts(behaviour: Behaviour, members: Codes) -> float:
    """Share of the members' own texts whose template two or more of them use, times two, at most 1.

    Half of the texts is as much as a campaign needs; the rest is camouflage. NaN below ten texts.
    """
    rows = _rows(behaviour.templates.account, members)
    uses = behaviour.templates.uses[rows]
    if uses.sum() < 10:
        return float("nan")
    _, which, users = np.unique(
        behaviour.templates.key[rows], return_inverse=True, return_counts=True
    )
    return min(1.0, 2.0 * float(uses[users[which] >= 2].sum() / uses.sum()))


def named_alike(behaviour: Behaviour, members: Codes) -> float:
    """Share of members whose name ends in a number of one length, beyond the cohort's share.

    The name is the display name, or else the account's native name where that is no plain
    number. Names without three digits at their end say nothing. NaN where no names are known.
    """
    if len(members) < _LEAST:
        return float("nan")
    mine = _patterns(behaviour, members)
    if len(mine) < _LEAST:
        return float("nan")
    pattern, count = min(Counter(mine).items(), key=lambda p: (p[0] == "", -p[1], p[0]))
    if not pattern or count < _LEAST:
        return 0.0
    others = np.setdiff1d(np.arange(len(behaviour), dtype=np.int32), members)
    # Every k-th is enough to know what is usual.
    sample = _patterns(behaviour, others[:: max(1, len(others) // 5000)])
    usual = (sum(p == pattern for p in sample) + 1) / (len(sample) + 2)
    if float(binom.sf(count - 1, len(mine), usual)) > _CHANCE:
        return 0.0
    return max(0.0, (count / len(mine) - usual) / (1 - usual))


def infrastructure_share(account: Codes, key: NDArray[np.uint64], members: Codes) -> float:
    """Share of members that have a rare infrastructure key in common with another member.

    A key is rare if half of those that have it, at least, are members. NaN where fewer than three
    members have any key.
    """
    mine = np.isin(account, members)
    if len(np.unique(account[mine])) < _LEAST:
        return float("nan")
    keys, which, inside = np.unique(key[mine], return_inverse=True, return_counts=True)
    everywhere = np.zeros(len(keys), np.int64)
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    hit = keys[at] == key
    np.add.at(everywhere, at[hit], 1)
    telling = (inside >= 2) & (2 * inside >= everywhere)
    return len(np.unique(account[mine][telling[which]])) / len(members)


_TAIL = re.compile(r"([0-9]{3,32})$")


def _patterns(behaviour: Behaviour, codes: Codes) -> list[str]:
    """Return the number pattern of each known name: "" or as many 0 as it ends in digits."""
    patterns = []
    names = behaviour.display_name.take(codes).to_pylist()
    accounts = behaviour.accounts.take(codes).to_pylist()
    for shown, account in zip(names, accounts, strict=True):
        name = shown or account.partition(":")[2]
        if not name or (not shown and re.fullmatch(r"[0-9a-fA-F-]+", name)):
            continue
        tail = _TAIL.search(name[-64:])
        patterns.append("0" * len(tail[1]) if tail else "")
    return patterns


def _rows(sorted_accounts: Codes, members: Codes) -> NDArray[np.int64]:
    """Return the rows of these accounts in pairs sorted by account."""
    low = np.searchsorted(sorted_accounts, members, side="left")
    high = np.searchsorted(sorted_accounts, members, side="right")
    if not (high - low).any():
        return np.zeros(0, np.int64)
    return np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
