"""The slow obvious twin of `crossfix.network.stretches`: one meeting and one account at a time."""

from collections import Counter, defaultdict
from math import ceil, log2

from crossfix.network.stretches import HALVINGS

from .trace_rows import SECOND, Row

HOUR = 3600 * SECOND


def slow_starts(own: list[Row], window: int, accounts: int) -> list[int]:
    """Gather hours until they hold enough accounts; then stretches until they are long enough."""
    there = defaultdict(set)
    for account, _, _, seconds, _ in own:
        there[seconds * SECOND // HOUR].add(account)
    starts, seen = [], set()
    for hour in sorted(there):
        if not starts or len(seen) >= accounts:
            starts, seen = [*starts, hour * HOUR], set()
        seen |= there[hour]
    if len(starts) > 1 and len(seen) < accounts:
        starts.pop()
    kept = starts[:1]
    for start in starts[1:]:
        if start - kept[-1] >= window * SECOND:
            kept.append(start)
    return kept


def slow_expected(
    own: list[Row],
    of_kind: list[Row],
    met: list[dict[str, int]],
    pair: tuple[int, int],
    window: int,
    accounts: int,
) -> float:
    """Spread each meeting over all pairs of accounts that were active where it took place.

    ``own`` are the shares that could be of the kind, ``of_kind`` those that are, ``met`` the rows
    of the pairs of this kind.
    """
    starts = slow_starts(own, window, accounts)
    time = {row[4]: row[3] * SECOND for row in of_kind}

    def within(at: int) -> int:
        return max(i for i, start in enumerate(starts) if start <= at)

    left = defaultdict(Counter)
    for row in own:
        left[within(time.get(row[4], row[3] * SECOND))][row[0]] += 1
    shares = Counter((within(row[3] * SECOND), row[2]) for row in of_kind)
    part = {name: n / left[name[0]].total() for name, n in shares.items()}
    cell = {(s, k): (s, min(max(ceil(-log2(p)), 0), HALVINGS)) for (s, k), p in part.items()}
    of_cell = defaultdict(list)
    for name, value in part.items():
        of_cell[cell[name]].append(value)

    def weights(one: tuple[int, int]) -> dict[int, float]:
        mean = sum(of_cell[one]) / len(of_cell[one])
        last = max(row[3] * SECOND // HOUR for row in own if within(row[3] * SECOND) == one[0])
        part = min(window * SECOND / ((last + 1) * HOUR - starts[one[0]]), 1)
        mean *= (part * (2 - part)) ** 0.5
        return {i: (1 - (1 - mean) ** c) / mean for i, c in left[one[0]].items()}

    meetings = Counter()
    for row in met:
        if row["delta"] <= window * SECOND:
            at = sorted(time[row[e]] for e in ("event_a", "event_b"))
            meetings[tuple(cell[within(t), row["key"]] for t in at)] += 1
    answer = 0.0
    for (early, late), number in meetings.items():
        one, other = weights(early), weights(late)
        ways = sum(one[i] * other[j] for i in one for j in other if i != j)
        a, b = pair
        mine = one.get(a, 0.0) * other.get(b, 0.0) + one.get(b, 0.0) * other.get(a, 0.0)
        answer += number * mine / ways if ways > 1e-9 else 0.0
    return answer
