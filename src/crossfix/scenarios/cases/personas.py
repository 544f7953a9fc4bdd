"""Personas with an opinion each on one bill: voters who do not exist, on three platforms."""

from __future__ import annotations

from crossfix.scenarios.cases.crew import (
    Recruits,
    any_language,
    as_post,
    distribute,
    hide,
    recruit,
    worktime,
    written,
)
from crossfix.scenarios.cases.grammar import subjects
from crossfix.scenarios.cases.life import everyday, opinion
from crossfix.scenarios.cases.making import SOCIAL, Making

EVERYDAY = 0.35
"""How many drafts of a persona are about its invented life."""


def make(making: Making) -> None:
    """Plant personas: one person has posts written for several accounts, lives and all.

    After the persona networks on data centres and tariffs: few people behind many accounts, two
    matters argued, small talk in between from the same model.
    """
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    matters = rng.sample(range(subjects("opinion")), 2)
    making.subjects += matters
    crew = recruit(making, "personas", language, Recruits("personas", True, SOCIAL))
    for _ in range(p.batches):
        messages = [
            everyday(rng) if rng.random() < EVERYDAY else opinion(rng, rng.choice(matters))
            for _ in range(p.accounts)
        ]
        brief = opinion(rng, matters[0])
        drafts, call = written(making, crew, worktime(making, rng, crew), messages, language,
                               brief=brief)  # fmt: skip
        distribute(making, crew, drafts, call, as_post(making))
    hide(making, crew)
