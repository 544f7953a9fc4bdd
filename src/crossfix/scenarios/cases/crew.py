"""A crew: those who have texts written, and those who post them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from crossfix.events import Event
from crossfix.scenarios.cases.case_world import Role
from crossfix.scenarios.cases.evade import Draft, Posted, prepare
from crossfix.scenarios.cases.grammar import LANGUAGES, Message, invented, render
from crossfix.scenarios.cases.life import camouflage, dressed, instruction
from crossfix.scenarios.cases.making import AI_SERVICES, Call, Making, Person, after, listed

Member = tuple[str, Person]
Post = Callable[[Member, datetime, Posted], Event]


@dataclass
class Crew:
    """The accounts of one group: operators by AI service, posters in no order."""

    group: str
    operators: dict[str, list[Member]] = field(default_factory=dict)
    posters: list[Member] = field(default_factory=list)
    posted: Counter[str] = field(default_factory=Counter)
    site: str = ""
    """The group's own site, which some of its drafts name."""


@dataclass(frozen=True)
class Recruits:
    """What kind of accounts a crew has."""

    kind: str
    is_operation: bool
    services: Sequence[str]
    role: Role = "poster"
    new: float = 0.45
    persons: int = 0
    """How many people are behind the posters; each their own where 0."""


def recruit(making: Making, group: str, language: str, recruits: Recruits) -> Crew:
    """Add the accounts of a crew: operators on both AI services, posters on the given ones."""
    rng, p = making.group_rng, making.parameters
    crew = Crew(group, site=f"{invented(Random(f'{making.seed}:{group}'), 3)}-truth.example")
    desk = making.person(rng, language)

    def account(service: str, person: Person, role: Role) -> str:
        return making.account(rng, service, person, group=group, kind=recruits.kind, role=role,
                              is_operation=recruits.is_operation)  # fmt: skip

    for number in range(p.operators):
        person = replace(desk, name=f"{desk.name}-{number}")
        for service in AI_SERVICES:
            member = (account(service, person, "operator"), person)
            crew.operators.setdefault(service, []).append(member)
    people = [
        making.person(rng, language, new=recruits.new)
        for _ in range(recruits.persons or p.accounts)
    ]
    for number in range(p.accounts if recruits.services else 0):
        person = people[number % len(people)]
        # Somebody with several accounts has them on different services.
        turn = number // len(people) if recruits.persons else number
        service = recruits.services[turn % len(recruits.services)]
        crew.posters.append((account(service, person, recruits.role), person))
    return crew


def written(
    making: Making, crew: Crew, time: datetime, messages: Sequence[Message], language: str,
    *, kind: str = "drafts", brief: Message | None = None, wordings: Sequence[int] = (),
    services: Sequence[str] = (),
) -> tuple[list[Draft], Call]:  # fmt: skip
    """Let an operator ask for a text of each message; return the drafts and the last call.

    The first of ``services`` is asked, or any. A share of the batches (`chained`) goes on to the
    other AI service, which rewords it: then the drafts are that service's.
    """
    rng, p = making.group_rng, making.parameters
    numbers = list(wordings) or [2] * len(messages)
    drafts = [
        _draft(m, language, w, f"https://{crew.site}/" if rng.random() < p.links else "")
        for m, w in zip(messages, numbers, strict=True)
    ]
    first = services[0] if services else rng.choice(AI_SERVICES)
    other = next(each for each in AI_SERVICES if each != first)
    account, person = rng.choice(crew.operators[first])
    named = next((d.ending for d in drafts if d.ending), "")
    material = " ".join([render(brief or messages[0], language, 1), *named.split()])
    prompt = f"{instruction(rng, kind, language, len(drafts))}\n\n{material}"
    answer = listed(rng, [draft.text for draft in drafts])
    call = making.call(rng, account, person, time, prompt, answer, p.rotation)
    if rng.random() >= p.chained:
        return drafts, call
    account, person = rng.choice(crew.operators[other])
    asked = f"{instruction(rng, 'rewrite', language)}\n\n{answer}"
    again = [_draft(d.message, language, d.wording + 1, d.ending) for d in drafts]
    later = call.completion.time + timedelta(seconds=rng.randint(30, 900))
    second = making.call(rng, account, person, later, asked,
                         listed(rng, [d.text for d in again]), p.rotation)  # fmt: skip
    making.went_into(crew.group, call, second)
    return again, second


def _draft(message: Message, language: str, wording: int, ending: str) -> Draft:
    text = " ".join([render(message, language, wording), *ending.split()])
    return Draft(message, language, wording, text, ending)


def distribute(making: Making, crew: Crew, drafts: list[Draft], call: Call, post: Post) -> None:
    """Let accounts of the crew post the drafts, each after its delay."""
    rng, p = making.group_rng, making.parameters
    takers = [m for m in crew.posters if rng.random() < p.participation]
    rng.shuffle(takers)
    ready = prepare(rng, drafts, p)
    for member, posted in zip(takers, ready, strict=False):
        time = after(rng, call.completion.time, p.delay_seconds)
        making.came_of(crew.group, call, post(member, time, posted), posted)
        crew.posted[member[0]] += 1


def as_post(making: Making) -> Post:
    """Return what posts on a social service, with a link or a tag as often as anybody."""
    rng = making.group_rng

    def post(member: Member, time: datetime, posted: Posted) -> Event:
        text, _, tags = dressed(rng, posted.text, making.sites)
        return making.add(member[0], "post", time, text=text, language=posted.language,
                          hashtags=tags)  # fmt: skip

    return post


def hide(making: Making, crew: Crew) -> None:
    """Give the posters their ordinary posts."""
    for account, person in crew.posters:
        camouflage(making, making.group_rng, account, person, crew.posted[account])


def worktime(making: Making, rng: Random, crew: Crew) -> datetime:
    """Return when an operator may ask: a moment of their day, not at the very end."""
    _, person = next(iter(crew.operators.values()))[0]
    while (time := making.moment(rng, person)) > making.end - timedelta(days=1):
        pass
    return time


def any_language(rng: Random) -> str:
    """Return a group's language, as often as people speak it."""
    return rng.choices(LANGUAGES, (0.46, 0.2, 0.2, 0.14))[0]
