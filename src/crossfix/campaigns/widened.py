"""Communities with those fan-outs that stand by themselves (`crossfix.campaigns.spread`).

A fan-out most of whose accounts are in one community brings the others in; else those that are in
none become a community of their own. The AI account that was given the responses joins them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.campaigns.detect import Detection
from crossfix.campaigns.gather import Gathered
from crossfix.campaigns.spread import Spread
from crossfix.network.group import ACTORS
from crossfix.network.steps import SECOND, WINDOWS_SECONDS
from crossfix.network.validate import LINKS

NEIGHBOURS = 20
"""Members of a fan-out that each is linked to: those next to it in time."""

Communities = NDArray[np.int64]


def widened(
    found: Detection, spreads: Sequence[Spread], gathered: Gathered, actor: NDArray[np.int32]
) -> Detection:
    """Return what was detected, with upheld fan-outs as communities, links and scores."""
    upheld = [spread for spread in spreads if spread.upheld]
    if not upheld:
        return found
    community, score = found.community.copy(), found.score.copy()
    for spread in upheld:
        _place(community, spread, actor)
    for spread in upheld:
        actors = spread.fan_out.actors
        for code, best in spread.posters.items():
            if community[code] >= 0:
                lifted = 0.5 + 0.5 * best * actors / (actors + 1)
                score[code] = max(score[code], lifted)
    _with_holders(community, score, upheld)
    links = _linked(found.links, community, upheld, gathered)
    return replace(found, community=community, score=score, links=links)


def _place(community: Communities, spread: Spread, actor: NDArray[np.int32]) -> None:
    """Put the accounts of a fan-out into a community."""
    codes = np.array(sorted(spread.posters), dtype=np.int64)
    inside = Counter(community[codes][community[codes] >= 0].tolist())
    free = codes[community[codes] < 0]
    if inside:
        number, many = max(inside.items(), key=lambda entry: (entry[1], -entry[0]))
        if 2 * many >= len(codes):
            community[free] = number
            return
    if len(np.unique(actor[free])) >= ACTORS:
        community[free] = int(community.max(initial=-1)) + 1


def _with_holders(
    community: Communities, score: NDArray[np.float64], upheld: Sequence[Spread]
) -> None:
    """Let AI accounts join where at least half of what they had posted was posted."""
    went: dict[int, Counter[int]] = {}
    for spread in upheld:
        numbers = Counter(int(community[code]) for code in spread.posters)
        number, _ = max(numbers.items(), key=lambda entry: (entry[1], -entry[0]))
        went.setdefault(spread.holder, Counter())[number] += 1
    for holder, numbers in went.items():
        number, many = max(numbers.items(), key=lambda entry: (entry[1], -entry[0]))
        if number >= 0 and community[holder] < 0 and 2 * many >= sum(numbers.values()):
            community[holder] = number
            members = [c for s in upheld if s.holder == holder for c in s.posters]
            score[holder] = max(score[holder], float(np.median(score[members])))


def _linked(
    links: pa.Table, community: Communities, upheld: Sequence[Spread], gathered: Gathered
) -> pa.Table:
    """Add a link of kind ``origin`` for accounts that are in one fan-out and in one community."""
    code = gathered.traces.code("origin")
    same = links.filter(pc.equal(links.column("kind"), code))
    ends = (same.column(name).to_pylist() for name in ("account_a", "account_b"))
    held = set(zip(*ends, strict=True))
    pairs: dict[tuple[int, int], list[tuple[float, Spread]]] = {}
    for spread in upheld:
        times = _times(spread, gathered)
        ordered = sorted(times, key=lambda c: (times[c], c))
        near = (
            pair for place, one in enumerate(ordered)
            for pair in combinations([one, *ordered[place + 1 : place + 1 + NEIGHBOURS]], 2)
            if one in pair
        )  # fmt: skip
        for one, other in near:
            a, b = min(one, other), max(one, other)
            if community[a] >= 0 and community[a] == community[b] and (a, b) not in held:
                apart = abs(times[one] - times[other])
                pairs.setdefault((a, b), []).append((apart, spread))
    if not pairs:
        return links
    made = [_link(a, b, code, of) for (a, b), of in sorted(pairs.items())]
    more = pa.Table.from_pylist(made, schema=LINKS)
    return pa.concat_tables([links, more]).combine_chunks()


def _times(spread: Spread, gathered: Gathered) -> dict[int, int]:
    """Return when each account was in a fan-out for the first time; its holder when it began."""
    return {spread.holder: int(gathered.times[spread.row]), **spread.first}


def _link(a: int, b: int, code: int, of: Sequence[tuple[float, Spread]]) -> dict[str, object]:
    apart = min(apart for apart, _ in of)
    by_chance = sum(min(spread.by_chance, 1.0) for _, spread in of)
    window = next((w for w in WINDOWS_SECONDS if apart <= w * SECOND), WINDOWS_SECONDS[-1])
    shares, expected = len(of), max(by_chance, 1e-12)
    ratio = shares * float(np.log(shares / expected)) - (shares - expected)
    return {
        "account_a": a, "account_b": b, "kind": code, "window": window, "shared_keys": shares,
        "expected": expected, "llr": ratio,
        "q_value": min(1.0, min(spread.by_chance for _, spread in of)), "by_stretch": True,
    }  # fmt: skip
