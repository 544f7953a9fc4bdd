"""One response, posted by several accounts: the strongest trace there is, and not yet a verdict.

An agency writes for six clients, readers share what a newsletter asks them to share: these fan
out too. So a fan-out says who posted what, in which order, and what speaks for an honest reason;
nothing is enforced by a fan-out alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from crossfix.campaigns.honest import honest_reasons
from crossfix.traces.origin import Sighting

LEAST_ACCOUNTS = 2

LONGEST_PROMPT = 2_000
"""Characters of a prompt that are told."""


class FanOut(msgspec.Struct, frozen=True, kw_only=True):
    """The sightings of one response, by two accounts or more.

    ``actors`` counts accounts that declare one person as one. ``in_turn`` says that different
    parts went to different accounts, each in its turn. ``benign`` holds what speaks for an honest
    reason, in words.
    """

    response: str
    service: str
    account: str | None
    made: datetime | None
    prompt: str | None
    accounts: tuple[str, ...]
    services: tuple[str, ...]
    actors: int
    segments: tuple[int, ...]
    sightings: int
    first: datetime
    last: datetime
    in_turn: bool
    score: float
    benign: tuple[str, ...]
    by_chance: float | None = None
    """How many fan-outs as wide chance would make of all responses, where that was estimated."""


def fan_outs(
    sightings: Iterable[Sighting],
    least: int = LEAST_ACCOUNTS,
    usual: Mapping[str, float] | None = None,
) -> list[FanOut]:
    """Return the responses that ``least`` accounts or more posted, widest first.

    ``usual`` is as in `fan_out_of`.
    """
    groups: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        key = (sighting.output.service, sighting.output.response)
        groups.setdefault(key, []).append(sighting)
    found = [fan_out_of(group, usual) for group in groups.values()]
    wide = [f for f in found if len(f.accounts) >= least]
    return sorted(wide, key=lambda f: (-f.actors, -f.score, f.service, f.response))


def fan_out_of(group: Sequence[Sighting], usual: Mapping[str, float] | None = None) -> FanOut:
    """Return what the sightings of one response make.

    ``usual`` is the share of other texts in which a word stands, where that is known.
    """
    ordered = sorted(group, key=lambda s: (s.post.time, s.post.post, s.segment))
    output = ordered[0].output
    accounts = sorted({s.post.account for s in ordered})
    actors = len({s.post.actor or s.post.account for s in ordered})
    missed = 1.0
    for account in accounts:
        missed *= 1.0 - max(s.score for s in ordered if s.post.account == account)
    return FanOut(
        response=output.response, service=output.service, account=output.account,
        made=output.time, prompt=output.prompt and output.prompt[:LONGEST_PROMPT],
        accounts=tuple(accounts),
        services=tuple(sorted({s.post.service for s in ordered})), actors=actors,
        segments=tuple(sorted({s.segment for s in ordered})), sightings=len(ordered),
        first=ordered[0].post.time, last=ordered[-1].post.time, in_turn=_in_turn(ordered),
        score=round(1.0 - missed, 4),
        benign=honest_reasons(ordered, actors, usual),
    )  # fmt: skip


def _in_turn(ordered: Sequence[Sighting]) -> bool:
    """Tell whether three accounts or more took different parts, mostly in their order."""
    first: dict[int, Sighting] = {}
    for sighting in ordered:
        first.setdefault(sighting.segment, sighting)
    taken = sorted(first.values(), key=lambda s: (s.post.time, s.segment))
    if len({s.post.account for s in taken}) < 3:
        return False
    numbers = [s.segment for s in taken]
    rising = sum(a < b for a, b in pairwise(numbers))
    return rising >= 0.7 * (len(numbers) - 1)
