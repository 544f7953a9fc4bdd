"""Coordinated false reports: models write the complaints, many accounts file them."""

from __future__ import annotations

from datetime import datetime

from crossfix.events import Event
from crossfix.scenarios.cases.crew import (
    Member,
    Post,
    Recruits,
    any_language,
    distribute,
    hide,
    recruit,
    worktime,
    written,
)
from crossfix.scenarios.cases.evade import Posted
from crossfix.scenarios.cases.grammar import compose, render
from crossfix.scenarios.cases.life import opinion
from crossfix.scenarios.cases.making import Making

PLAN = ("complaint", "complaint")
OTHERS_SHARE = 0.02
"""Honest reports, as a share of what ordinary people do."""


def make(making: Making) -> None:
    """Plant reporters: each batch of complaints accuses one account that did nothing."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    crew = recruit(making, "reporting", language, Recruits("reporting", True, ("x",)))
    for _ in range(p.batches):
        victim = making.person(rng, language)
        accused = making.account(rng, "x", victim, kind="accused", role="target")
        messages = [compose(rng, "office", PLAN) for _ in range(p.accounts)]
        drafts, call = written(making, crew, worktime(making, rng, crew), messages, language)
        distribute(making, crew, drafts, call, _as_complaint(making, accused))
    hide(making, crew)
    _honest(making)


def _as_complaint(making: Making, accused: str) -> Post:
    def post(member: Member, time: datetime, posted: Posted) -> Event:
        return making.add(member[0], "complaint", time, text=posted.text,
                          language=posted.language, target=accused)  # fmt: skip

    return post


def _honest(making: Making) -> None:
    """Add reports by people who were really wronged."""
    rng = making.life_rng
    for _ in range(int(making.size * OTHERS_SHARE)):
        person, other = making.person(rng), making.person(rng)
        account = making.account(rng, "x", person)
        accused = making.account(rng, "x", other)
        wrong = render(compose(rng, "office", PLAN[:1]), person.language)
        text = f"{wrong} {render(opinion(rng), person.language, rng.randrange(50))}"
        making.add(account, "complaint", making.moment(rng, person), text=text,
                   language=person.language, target=accused)  # fmt: skip
