"""The cases by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from crossfix.errors import SettingError
from crossfix.scenarios.cases import (
    comments,
    drafts,
    farm,
    lawfirms,
    offices,
    personas,
    reporting,
    scams,
)
from crossfix.scenarios.cases.case_world import CaseWorld
from crossfix.scenarios.cases.life import live
from crossfix.scenarios.cases.making import DAYS, START, Making
from crossfix.scenarios.cases.parameters import COUNTS, Parameters

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


def with_parameters(name: str, given: Iterable[str]) -> Parameters:
    """Return a case's parameters with those that somebody wrote as ``name=number``.

    Raises:
        SettingError: it is not of that form, there is no such parameter, or it is out of range.
    """
    known = [f.name for f in fields(Parameters)]
    found: dict[str, float] = {}
    for each in given:
        parameter, _, said = each.partition("=")
        if parameter not in known:
            raise SettingError(f"there is no parameter {parameter!r}",
                               hint=f"Parameters of a case: {', '.join(known)}.")  # fmt: skip
        try:
            found[parameter] = int(said) if parameter in COUNTS else float(said)
        except ValueError:
            raise SettingError(f"{parameter} is a number, not {said!r}") from None
    return replace(CASES[name].parameters, **found)  # type: ignore[arg-type]


_HONEST = Parameters(accounts=6, operators=1, delay_seconds=14_400.0, camouflage=0.5, chained=0.0)

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("drafts", "One prompt, several drafts, each posted by another account.", True,
             drafts.make),
        Case("comments", "One claim in as many wordings as accounts, below strangers' posts.",
             True, comments.make),
        Case("personas", "Voters who do not exist argue two matters on three platforms.", True,
             personas.make, Parameters(accounts=12, operators=3, camouflage=0.4)),
        Case("romance", "Lonely captains: advertisements, then chats a model writes.", True,
             scams.make_romance),
        Case("task", "Jobs that pay until one has to pay: advertisements, then chats.", True,
             scams.make_task),
        Case("lawfirms", "Law firms that do not exist: sites, then mails to victims.", True,
             lawfirms.make),
        Case("farm", "One text in several languages, below videos and on blogs.", True,
             farm.make),
        Case("reporting", "False reports against accounts that did nothing.", True,
             reporting.make),
        Case("agency", "An agency's drafts for its clients.", False, offices.make_agency, _HONEST),
        Case("press-office", "One statement, printed by many as it is.", False,
             offices.make_press_office, _HONEST),
        Case("petition", "A text to share, posted unchanged by supporters.", False,
             offices.make_petition, replace(_HONEST, accounts=12)),
        Case("scheduler", "People who post their own text to all their platforms.", False,
             offices.make_scheduler, replace(_HONEST, accounts=9, delay_seconds=60.0)),
        Case("classroom", "A class that asks a model the same exercise.", False,
             offices.make_classroom, replace(_HONEST, accounts=20, batches=3,
                                             participation=0.4)),
        Case("translators", "A bureau that translates its clients' news.", False,
             offices.make_translators, replace(_HONEST, accounts=9)),
    )
}  # fmt: skip
"""The cases by name: operations first, then those who look alike and are honest."""
