"""Comments in many voices below one post: one claim, as many wordings as accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from crossfix.events import Event
from crossfix.scenarios.cases.crew import (
    Crew,
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
from crossfix.scenarios.cases.grammar import render, subjects
from crossfix.scenarios.cases.life import opinion
from crossfix.scenarios.cases.making import Making


def make(making: Making) -> None:
    """Plant an operation that answers popular posts, each account with the same claim reworded."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    subject = rng.randrange(subjects("opinion"))
    making.subjects.append(subject)
    crew = recruit(making, "comments", language, Recruits("comments", True, ("x",)))
    for _ in range(p.batches):
        message = opinion(rng, subject)
        wordings = [2 + 2 * n + rng.randrange(2) for n in range(p.accounts)]
        drafts, call = written(
            making, crew, worktime(making, rng, crew), [message] * p.accounts, language,
            wordings=wordings,
        )  # fmt: skip
        under = _talked_of(making, crew, call.completion.time, subject, language)
        distribute(making, crew, drafts, call, _as_reply(making, under))
    hide(making, crew)


def _talked_of(making: Making, crew: Crew, time: datetime, subject: int, language: str) -> Event:
    """Return a stranger's post that the crew answers."""
    rng = making.group_rng
    person = making.person(rng, language)
    account = making.account(rng, "x", person, kind="comments", role="target")
    text = render(opinion(rng, subject), language)
    return making.add(account, "post", time - timedelta(minutes=rng.randrange(60, 720)), text=text,
                      language=language)  # fmt: skip


def _as_reply(making: Making, under: Event) -> Post:
    def post(member: Member, time: datetime, posted: Posted) -> Event:
        return making.add(member[0], "reply", time, text=posted.text, language=posted.language,
                          parent=under.id, target=under.account)  # fmt: skip

    return post
