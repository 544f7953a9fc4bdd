"""Swarms joined into campaigns: accounts that meet in several swarms act as one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossfix.campaigns.campaign import Change
from crossfix.campaigns.identity import Known, match
from crossfix.live.swarm import Swarm

LEAST_COMMON = 3
"""Accounts that two swarms must have in common."""

LEAST_MEMBERS = 3

LEAST_MEETINGS = 3
"""Swarms of a campaign where meeting is all that tells of them. A burst on what goes around is a
swarm because its accounts met before, often in the other one: two such are one observation."""


@dataclass(frozen=True)
class Joined:
    """A live campaign: its id, the accounts that were in two of its swarms, and the swarms."""

    id: str
    members: frozenset[str]
    swarms: tuple[Swarm, ...]
    change: Change


def join(swarms: Iterable[Swarm], known: Sequence[Known] = ()) -> list[Joined]:
    """Join swarms that share their accounts, and give each group the identity of a campaign.

    Two swarms belong together where they share three accounts and half of those of the smaller
    one. An account belongs where it was in two of the swarms; in several groups, where it was in
    most. Where all swarms are known by meetings alone there must be three. One or two swarms whose
    accounts are mostly those of a known campaign continue that one.
    Swarms that an allow-list covers stay out.
    """
    held = [s for s in swarms if s.allowed is None]
    groups = _groups(held)
    homes: dict[str, Counter[int]] = defaultdict(Counter)
    for number, group in enumerate(groups):
        for swarm in group:
            for account in swarm.accounts:
                homes[account][number] += 1
    communities: list[set[str]] = [set() for _ in groups]
    stand = [_stands(group) for group in groups]
    of_known = {a: k for k in known for a in k.members}
    for account, counts in homes.items():
        number, times = max(counts.items(), key=lambda item: (item[1], -item[0]))
        if (times >= 2 and stand[number]) or _continues(groups[number], of_known):
            communities[number].add(account)
    chosen = [n for n, c in enumerate(communities) if len(c) >= LEAST_MEMBERS]
    found = match(known, [communities[n] for n in chosen])
    return [
        Joined(id, frozenset(communities[n]), tuple(groups[n]), change)
        for n, (id, change) in zip(chosen, found, strict=True)
    ]


def _stands(group: list[Swarm]) -> bool:
    """Tell whether swarms are a campaign's, and not the same meeting seen twice."""
    return len(group) >= LEAST_MEETINGS or not all(swarm.by_meeting for swarm in group)


def _continues(group: list[Swarm], of_known: dict[str, Known]) -> bool:
    """Tell whether one or two swarms are mostly made of one known campaign's members."""
    if len(group) >= LEAST_MEETINGS:
        return False
    accounts = {account for swarm in group for account in swarm.accounts}
    campaigns = Counter(of_known[a].id for a in accounts if a in of_known)
    return bool(campaigns) and 2 * max(campaigns.values()) >= len(accounts)


def _groups(swarms: list[Swarm]) -> list[list[Swarm]]:
    """Return the swarms that belong together, each in one group, in a stable order."""
    ordered = sorted(swarms, key=lambda s: (s.first, s.id))
    parent = list(range(len(ordered)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    where: dict[str, list[int]] = defaultdict(list)
    for number, swarm in enumerate(ordered):
        common: Counter[int] = Counter()
        for account in swarm.accounts:
            common.update(where[account][-50:])
            where[account].append(number)
        for other, count in common.items():
            smaller = min(len(swarm.accounts), len(ordered[other].accounts))
            if count >= LEAST_COMMON and 2 * count >= smaller:
                one, two = root(number), root(other)
                parent[max(one, two)] = min(one, two)
    groups: dict[int, list[Swarm]] = defaultdict(list)
    for number, swarm in enumerate(ordered):
        groups[root(number)].append(swarm)
    return list(groups.values())
