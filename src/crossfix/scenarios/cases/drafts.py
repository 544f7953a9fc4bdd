"""A batch of drafts over several accounts: one prompt, seven posts, seven voices."""

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
from crossfix.scenarios.cases.life import opinion
from crossfix.scenarios.cases.making import SOCIAL, Making


def make(making: Making) -> None:
    """Plant an operation: each batch is one answer, whose drafts go to different accounts.

    After the case in which one prompt gave seven drafts, six of which six accounts posted.
    """
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    subject = rng.randrange(subjects("opinion"))
    making.subjects.append(subject)
    crew = recruit(making, "drafts", language, Recruits("drafts", True, SOCIAL))
    for _ in range(p.batches):
        messages = [opinion(rng, subject) for _ in range(p.accounts)]
        drafts, call = written(making, crew, worktime(making, rng, crew), messages, language,
                               brief=opinion(rng, subject))  # fmt: skip
        distribute(making, crew, drafts, call, as_post(making))
    hide(making, crew)
