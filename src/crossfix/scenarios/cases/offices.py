"""Honest offices: one answer of a model, posted by several accounts for a plain reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from crossfix.scenarios.cases.crew import (
    Crew,
    Member,
    Recruits,
    any_language,
    as_post,
    distribute,
    hide,
    recruit,
    worktime,
    written,
)
from crossfix.scenarios.cases.evade import Draft
from crossfix.scenarios.cases.farm import translated
from crossfix.scenarios.cases.grammar import Message, compose, render, subjects
from crossfix.scenarios.cases.life import instruction, opinion
from crossfix.scenarios.cases.making import SOCIAL, Call, Making, after

PLAN = ("news", "news", "news")


def make_agency(making: Making) -> None:
    """Let an agency have one text for each client written in one go; clients post their own."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    clients = Recruits("agency", False, SOCIAL, role="client", new=0.15)
    crew = recruit(making, "agency", language, clients)
    for _ in range(p.batches):
        messages = [compose(rng, "office", PLAN[: rng.randint(2, 3)]) for _ in range(p.accounts)]
        drafts, call = written(making, crew, worktime(making, rng, crew), messages, language)
        distribute(making, crew, drafts, call, as_post(making))
    hide(making, crew)


def make_press_office(making: Making) -> None:
    """Let a press office send one statement; papers and branches print it as it is."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    crew = recruit(making, "press-office", language,
                   Recruits("press-office", False, SOCIAL, role="client", new=0.1))  # fmt: skip
    for _ in range(p.batches):
        message = compose(rng, "office", PLAN)
        drafts, call = written(making, crew, worktime(making, rng, crew), [message], language,
                               kind="message")  # fmt: skip
        _share(making, crew, drafts[0], call)
    hide(making, crew)


def make_petition(making: Making) -> None:
    """Let organisers have a text to share written; supporters post it unchanged."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    subject = rng.randrange(subjects("opinion"))
    making.subjects.append(subject)
    crew = recruit(making, "petition", language,
                   Recruits("petition", False, SOCIAL, role="reader", new=0.15))  # fmt: skip
    for _ in range(p.batches):
        drafts, call = written(making, crew, worktime(making, rng, crew),
                               [opinion(rng, subject)], language, kind="message")  # fmt: skip
        _share(making, crew, drafts[0], call)
    hide(making, crew)


def make_scheduler(making: Making) -> None:
    """Let one person after another post their own text to all their platforms at once."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    services = (*SOCIAL, *SOCIAL)
    crew = recruit(making, "scheduler", language,
                   Recruits("scheduler", False, services, role="client", new=0.15,
                            persons=max(1, p.accounts // 3)))  # fmt: skip
    for _ in range(p.batches):
        person = rng.choice(crew.posters)[1]
        own = Crew(crew.group, crew.operators, [m for m in crew.posters if m[1] is person],
                   crew.posted)  # fmt: skip
        message = opinion(rng)
        drafts, call = written(making, own, worktime(making, rng, crew), [message], language,
                               kind="message")  # fmt: skip
        _share(making, own, drafts[0], call)
    hide(making, crew)


def make_classroom(making: Making) -> None:
    """Let a class ask a model the same exercise, each alone; some post their answer."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    crew = recruit(making, "classroom", language,
                   Recruits("classroom", False, SOCIAL, role="reader", new=0.15))  # fmt: skip
    pupils = []
    for account, person in crew.posters:
        own = making.account(rng, rng.choice(tuple(crew.operators)), person, group=crew.group,
                             kind="classroom", role="reader")  # fmt: skip
        pupils.append((own, (account, person)))
    for _ in range(p.batches):
        brief = opinion(rng, rng.randrange(subjects("opinion")))
        time = worktime(making, rng, crew)
        for own, member in pupils:
            _exercise(making, crew, own, member, brief, after(rng, time, 900))
    hide(making, crew)


def make_translators(making: Making) -> None:
    """Let a bureau translate its clients' news; each client posts on accounts of its countries."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    crew = recruit(making, "translators", language,
                   Recruits("translators", False, SOCIAL, role="client", new=0.1,
                            persons=max(1, p.accounts // 3)))  # fmt: skip
    clients = sorted({person.name for _, person in crew.posters})
    for number in range(p.batches):
        name = clients[number % len(clients)]
        own = Crew(crew.group, crew.operators,
                   [m for m in crew.posters if m[1].name == name], crew.posted)  # fmt: skip
        drafts, call = translated(making, crew.operators, worktime(making, rng, crew), language,
                                  compose(rng, "office", PLAN), len(own.posters))  # fmt: skip
        distribute(making, own, drafts, call, as_post(making))
    hide(making, crew)


def _share(making: Making, crew: Crew, draft: Draft, call: Call) -> None:
    """Let every account of the crew post one text as it is."""
    distribute(making, crew, [draft] * len(crew.posters), call, as_post(making))


def _exercise(
    making: Making, crew: Crew, own: str, member: Member, brief: Message, time: datetime
) -> None:
    """Let one pupil ask, and at times post what came back."""
    rng = making.group_rng
    service = own.partition(":")[0]
    alone = Crew(crew.group, {service: [(own, member[1])]}, [member], crew.posted)
    message = opinion(rng, brief.subject)
    drafts, call = _asked(making, alone, min(time, making.end - timedelta(hours=1)), message, brief)
    if rng.random() < making.parameters.participation:
        distribute(making, alone, drafts, call, as_post(making))


def _asked(
    making: Making, alone: Crew, time: datetime, message: Message, brief: Message
) -> tuple[list[Draft], Call]:
    """Let a pupil ask the class's exercise of the service where they have an account."""
    rng = making.group_rng
    (account, person) = next(iter(alone.operators.values()))[0]
    language = person.language
    draft = Draft(message, language, 2, render(message, language, 2))
    prompt = f"{instruction(rng, 'exercise', language)}\n\n{render(brief, language, 1)}"
    return [draft], making.call(rng, account, person, time, prompt, draft.text)
