"""An agency that drafts for its clients: one answer, six firms, each posts its own part."""

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
from crossfix.scenarios.cases.life import everyday, opinion
from crossfix.scenarios.cases.making import SOCIAL, Making


def make(making: Making) -> None:
    """Let an agency have one text for each client written in one go; clients post their own."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    clients = Recruits("agency", False, SOCIAL, role="client", new=0.15)
    crew = recruit(making, "agency", language, clients)
    for _ in range(p.batches):
        messages = [rng.choice((everyday, opinion))(rng) for _ in range(p.accounts)]
        drafts, call = written(making, crew, worktime(making, rng, crew), messages, language)
        distribute(making, crew, drafts, call, as_post(making))
    hide(making, crew)
