"""The cases by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crossfix.errors import SettingError
from crossfix.scenarios.cases import agency, drafts
from crossfix.scenarios.cases.case_world import CaseWorld
from crossfix.scenarios.cases.life import live
from crossfix.scenarios.cases.making import DAYS, START, Making
from crossfix.scenarios.cases.parameters import Parameters

LEAST_SIZE, MOST_SIZE = 200, 1_000_000


@dataclass(frozen=True)
class Case:
    """A kind of world after a published case, or one that looks like it and is honest.

    ``make`` plants the group; ``parameters`` are the case's own. The people around are the same
    for every case.
    """

    name: str
    about: str
    is_operation: bool
    make: Callable[[Making], None]
    parameters: Parameters = field(default_factory=Parameters)


def build(
    name: str, size: int = 2_000, seed: int = 1, parameters: Parameters | None = None, *,
    start: datetime = START, days: int = DAYS,
) -> CaseWorld:  # fmt: skip
    """Make the world of a case; the same arguments give the same world.

    Args:
        name: of `CASES`.
        size: how many posts and calls of ordinary people surround the group.
        seed: from 0.
        parameters: how the group works and hides; the case's own without.
        start: the world's first moment, in UTC.
        days: how long it lasts.

    Raises:
        SettingError: there is no such case, or a number is out of range.
    """
    if name not in CASES:
        raise SettingError(f"there is no case {name!r}", hint=f"Known cases: {', '.join(CASES)}.")
    if not LEAST_SIZE <= size <= MOST_SIZE:
        raise SettingError(f"a case has from {LEAST_SIZE} to {MOST_SIZE:,} ordinary posts and "
                           f"calls, not {size:,}")  # fmt: skip
    if seed < 0:
        raise SettingError(f"a seed is a number from 0, not {seed}")
    if not 5 <= days <= 366:
        raise SettingError(f"a world lasts from 5 to 366 days, not {days}")
    case = CASES[name]
    making = Making(name, size, seed, parameters or case.parameters, start=start, days=days)
    case.make(making)
    live(making)
    return making.finished()


CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("drafts", "One prompt, several drafts, each posted by another account.", True,
             drafts.make),
        Case("agency", "An agency's drafts for its clients: honest, though one answer feeds many.",
             False, agency.make, Parameters(accounts=6, operators=1, delay_seconds=14_400.0,
                                            camouflage=0.7)),
    )
}  # fmt: skip
