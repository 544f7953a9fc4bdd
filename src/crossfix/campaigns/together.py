"""What shows only when accounts are seen together: made in one burst, named alike, same texts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.special import bdtrc

from crossfix.accounts.behaviour import NEVER, Behaviour

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_DAY = 86_400_000_000
_LEAST = 3
"""Fewer accounts than this have nothing together."""

_LEAST_SPAN = 90 * _DAY
_LEAST_TAIL = 5
"""A name that ends in fewer digits may end in a year."""

_CHANCE = 1e-3
"""How probable a burst or a pattern may be by chance and still count."""


@dataclass(frozen=True)
class Everyone:
    """What is usual among all accounts of the input, sorted once.

    ``made`` and ``seen`` are the known times of creation and of first events after the first
    tenth of the data, ascending; ``late_from`` is where that tenth ends and ``span`` how long the
    data is (microseconds). ``tails`` are, for display names and for handles, with how many digits
    each account's name ends: 0 for fewer than five, -1 where there is no name.
    """

    made: Ints
    seen: Ints
    late_from: int
    span: int
    tails: tuple[Ints, Ints]


def everyone(behaviour: Behaviour) -> Everyone:
    """Gather what is usual; linear in the accounts but for two sorts."""
    first, made = behaviour.first, behaviour.created
    start = int(first.min()) if len(first) else 0
    span = int(behaviour.last.max()) - start if len(first) else 0
    late_from = start + span // 10
    return Everyone(
        made=np.sort(made[made != NEVER]),
        seen=np.sort(first[first > late_from]),
        late_from=late_from,
        span=span,
        tails=(_tails(behaviour.display_name), _tails(_handles(behaviour.accounts))),
    )


def born_together(behaviour: Behaviour, members: Codes, usual: Everyone) -> float:
    """Share of members made in one late burst beyond everybody's share of that time, 0 to 1.

    A burst is a week, a month or a quarter, whichever shows most; it counts as far as it is later
    than when most accounts were made (a publisher makes its pages in one week too, but long ago).
    Where it is not known when accounts were made, their first event stands for it: only in data
    of 90 days or more, without its first tenth, in which everybody is seen for the first time, and
    in windows of a fiftieth of the data. NaN where neither can be told.
    """
    _, bursts = _births(behaviour, members, usual)
    return max((burst.lift * burst.late for burst in bursts), default=float("nan"))


def born_with(behaviour: Behaviour, members: Codes, usual: Everyone) -> Floats:
    """Return for each member how late the burst is that it was made in, 0 outside of any.

    As `born_together`, of which each member bears all or nothing. NaN where it is not known.
    """
    times, bursts = _births(behaviour, members, usual)
    borne = np.where((times == NEVER) | (not bursts), np.nan, 0.0)
    for burst in bursts:
        inside = (times >= burst.start) & (times <= burst.end) & (burst.lift > 0)
        borne = np.maximum(borne, np.where(inside, burst.late, 0.0))
    return borne


@dataclass(frozen=True)
class _Burst:
    """The fullest window: how far it exceeds everybody's share of it (``lift``), 0 where chance
    explains it, and how far it is later than most of everybody (``late``), both 0 to 1."""

    lift: float
    late: float
    start: int
    end: int


def _births(behaviour: Behaviour, members: Codes, usual: Everyone) -> tuple[Ints, list[_Burst]]:
    """Return when each member was made, or first seen, and in which bursts; none if unknown."""
    made = behaviour.created[members]
    known = made[made != NEVER]
    if len(known) >= max(_LEAST, len(members) / 2):
        windows = [days * _DAY for days in (7, 30, 91)]
        return made, [_burst(known, usual.made, window, len(members)) for window in windows]
    seen = behaviour.first[members]
    if usual.span < _LEAST_SPAN or len(members) < _LEAST:
        return seen, []
    late, window = seen[seen > usual.late_from], max(_DAY, usual.span // 50)
    return seen, [replace(_burst(late, usual.seen, window, len(members)), late=1.0)]


def _burst(times: Ints, everyone: Ints, window: int, members: int) -> _Burst:
    """Return the fullest window of this length."""
    if len(times) < _LEAST:
        return _Burst(0.0, 0.0, 0, 0)
    times = np.sort(times)
    inside = np.searchsorted(times, times + window, side="right") - np.arange(len(times))
    best = int(np.argmax(inside))
    count = int(inside[best])
    low = int(np.searchsorted(everyone, times[best]))
    high = int(np.searchsorted(everyone, times[best] + window, side="right"))
    # The members themselves are no part of what is usual.
    others = len(everyone) - len(times)
    share, earlier = (high - low - count + 1) / (others + 2), (low - best) / max(others, 1)
    late = min(1.0, max(0.0, 2 * earlier - 1))
    lift = max(0.0, (count / members - share) / (1 - share))
    if count < _LEAST or members * float(bdtrc(count - 1, members, share)) > _CHANCE:
        lift = 0.0
    return _Burst(lift, late, int(times[best]), int(times[best + count - 1]))


def same_texts(behaviour: Behaviour, members: Codes) -> float:
    """Share of the members' own texts whose template two or more of them use, times two, at most 1.

    Half of the texts is as much as a campaign needs; the rest is camouflage. NaN below ten texts.
    """
    rows = _rows(behaviour.templates.account, members)
    uses = behaviour.templates.uses[rows]
    if uses.sum() < 10:
        return float("nan")
    key = behaviour.templates.key[rows]
    _, which, users = np.unique(key, return_inverse=True, return_counts=True)
    return min(1.0, 2.0 * float(uses[users[which] >= 2].sum() / uses.sum()))


def texts_of_others(behaviour: Behaviour, members: Codes) -> Floats:
    """Return for each member the share of its own texts whose template another member uses, times
    two, at most 1; NaN below three texts."""
    members = np.asarray(members)
    rows = _rows(behaviour.templates.account, members)
    at = np.searchsorted(members, behaviour.templates.account[rows])
    uses = behaviour.templates.uses[rows]
    _, which, users = np.unique(
        behaviour.templates.key[rows], return_inverse=True, return_counts=True
    )
    texts = np.bincount(at, uses, len(members))
    shared = np.bincount(at, uses * (users[which] >= 2), len(members))
    share = np.where(texts >= _LEAST, shared / np.maximum(texts, 1), np.nan)
    return np.minimum(1.0, 2.0 * share)


def named_alike(members: Codes, usual: Everyone) -> float:
    """Share of members whose name ends in a number of one length, beyond everybody's share.

    Display names and handles are looked at apart, and the greater share counts. Names with fewer
    than five digits at their end say nothing, nor do handles that are plain numbers. A brand that
    stands in all names openly is no sign. NaN where no names are known.
    """
    shown, handles = usual.tails
    return float(np.fmax(_same_tail(shown, members)[0], _same_tail(handles, members)[0]))


def named_as_others(members: Codes, usual: Everyone) -> Floats:
    """Return 1 for each member whose name ends as `named_alike` says that many do, 0 for others;
    NaN where no names are known."""
    borne = np.full(len(members), np.nan)
    for tails in usual.tails:
        lift, tail = _same_tail(tails, members)
        if not np.isnan(lift):
            mine = tails[members]
            alike = ((mine == tail) & (lift > 0)).astype(float)
            borne = np.fmax(borne, np.where(mine >= 0, alike, np.nan))
    return borne


def _same_tail(tails: Ints, members: Codes) -> tuple[float, int]:
    """Return the lift of the most frequent tail, and that: 0 where chance explains it, NaN with
    too few names."""
    mine = tails[members]
    mine = mine[mine >= 0]
    if len(mine) < _LEAST:
        return float("nan"), 0
    counts = np.bincount(mine)
    counts[0] = 0
    tail, count = int(counts.argmax()), int(counts.max())
    if count < _LEAST:
        return 0.0, tail
    known, alike = np.count_nonzero(tails >= 0), np.count_nonzero(tails == tail)
    share = (alike - count + 1) / (known - len(mine) + 2)
    if float(bdtrc(count - 1, len(mine), share)) > _CHANCE:
        return 0.0, tail
    return max(0.0, (count / len(mine) - share) / (1 - share)), tail


def _handles(accounts: pa.StringArray) -> pa.StringArray:
    """Return the native names of accounts, null where they are plain ids."""
    names = pc.replace_substring_regex(accounts, "^.*:", "")
    plain = pc.match_substring_regex(names, "^[0-9a-fA-F-]*$")
    return pc.if_else(plain, pa.scalar(None, pa.string()), names)


def _tails(names: pa.StringArray) -> Ints:
    rest = pc.utf8_rtrim(names, characters="0123456789")
    length = pc.subtract(pc.utf8_length(names), pc.utf8_length(rest))
    tails: Ints = length.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    tails[(tails >= 0) & (tails < _LEAST_TAIL)] = 0
    return np.minimum(tails, 64)


@dataclass(frozen=True)
class Infrastructure:
    """Who left which infrastructure keys: one row a pair of account code and key, sorted by both.

    ``users`` is how many accounts have the row's key.
    """

    account: Codes
    key: NDArray[np.uint64]
    users: Ints


def infrastructure(account: Codes, key: NDArray[np.uint64]) -> Infrastructure:
    """Gather the traces of the infrastructure family, given in any order and repeated at will."""
    order = np.lexsort((key, account))
    account, key = account[order], key[order]
    new = np.ones(len(account), bool)
    new[1:] = (account[1:] != account[:-1]) | (key[1:] != key[:-1])
    account, key = account[new], key[new]
    _, which, users = np.unique(key, return_inverse=True, return_counts=True)
    return Infrastructure(account, key, users[which].astype(np.int64))


def infrastructure_share(traces: Infrastructure, members: Codes) -> float:
    """Share of members that have a rare infrastructure key in common with another member.

    A key is rare if half of those that have it, at least, are members. NaN where fewer than three
    members have any key.
    """
    borne = infrastructure_of_others(traces, members)
    if np.count_nonzero(~np.isnan(borne)) < _LEAST:
        return float("nan")
    return float(np.nansum(borne)) / len(members)


def infrastructure_of_others(traces: Infrastructure, members: Codes) -> Floats:
    """Return 1 for each member on a rare key of another member, 0 for others, NaN without keys."""
    rows = _rows(traces.account, members)
    account = traces.account[rows]
    _, which, inside = np.unique(traces.key[rows], return_inverse=True, return_counts=True)
    telling = (inside[which] >= 2) & (2 * inside[which] >= traces.users[rows])
    borne = np.where(np.isin(members, account), 0.0, np.nan)
    borne[np.isin(members, account[telling])] = 1.0
    return borne


def _rows(sorted_accounts: Codes, members: Codes) -> Ints:
    """Return the rows of these accounts in pairs sorted by account."""
    low = np.searchsorted(sorted_accounts, members, side="left")
    high = np.searchsorted(sorted_accounts, members, side="right")
    if not (high - low).any():
        return np.zeros(0, np.int64)
    return np.concatenate([np.arange(a, b) for a, b in zip(low, high, strict=True)])
