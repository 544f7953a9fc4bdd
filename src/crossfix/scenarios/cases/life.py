"""Ordinary people: they post, link, repost and answer, and some of them ask models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from crossfix.events import Event
from crossfix.scenarios.cases.evade import Draft, change
from crossfix.scenarios.cases.grammar import (
    LANGUAGES,
    Message,
    compose,
    invented,
    render,
)
from crossfix.scenarios.cases.making import AI_SERVICES, SOCIAL, Call, Making, Person, after, listed
from crossfix.scenarios.cases.parameters import Parameters

POSTS_EACH = 6.0
"""Posts of an ordinary account, the median; the tail is heavy."""
CALLS_SHARE = 0.12
"""Calls of models among all that ordinary people do."""
REPOST_SHARE, REPLY_SHARE, LINK_SHARE, TAG_SHARE = 0.16, 0.14, 0.14, 0.22
OWN_USE = 0.3
"""How many of the people who have a text written then post it themselves."""
_OPINION = (("claim",), ("claim", "evidence"), ("claim", "claim"), ("evidence", "claim"),
            ("claim", "evidence", "evidence"))  # fmt: skip
_EVERYDAY = (("note", "note"), ("note", "reaction"), ("note", "note", "reaction"),
             ("note", "note", "note"))  # fmt: skip
_NAMES = {
    "en": ("English", "German", "Spanish", "French"),
    "de": ("Englische", "Deutsche", "Spanische", "Französische"),
    "es": ("inglés", "alemán", "español", "francés"),
    "fr": ("anglais", "allemand", "espagnol", "français"),
}


def opinion(rng: Random, subject: int | None = None) -> Message:
    """Return what somebody may say about a matter."""
    return compose(rng, "opinion", rng.choice(_OPINION), subject)


def everyday(rng: Random) -> Message:
    """Return what somebody may say about their day."""
    return compose(rng, "everyday", rng.choice(_EVERYDAY))


def said(rng: Random, making: Making) -> Message:
    """Return what an ordinary post says; what a group talks about, others talk about too."""
    if rng.random() < 0.5:
        return everyday(rng)
    talked = making.subjects and rng.random() < 0.2
    return opinion(rng, rng.choice(making.subjects) if talked else None)


def instruction(rng: Random, kind: str, language: str, count: int = 1) -> str:
    """Return what somebody asks of a model, without the material."""
    text = render(compose(rng, "prompts", [kind]), language, rng.randrange(50))
    target = rng.choice(_NAMES[language])
    return text.replace("<count>", str(count)).replace("<language>", target)


def live(making: Making) -> None:
    """Add the ordinary people, all they do, and the ordinary posts of planted accounts."""
    rng = making.life_rng
    calls = int(making.size * CALLS_SHARE)
    left = making.size - calls
    people: list[Person] = []
    while left > 0:
        person = making.person(rng)
        people.append(person)
        for service in _services(rng):
            account = making.account(rng, service, person)
            count = min(1 + int(rng.lognormvariate(math.log(POSTS_EACH), 0.8)), 60, left)
            times = [making.moment(rng, person) for _ in range(count)]
            making.ordinary += [(account, person, time) for time in times]
            left -= count
    _ask(making, people, calls)
    _write(making)


def camouflage(making: Making, rng: Random, account: str, person: Person, posts: int) -> None:
    """Note the ordinary posts of a planted account that has so many posts of its group."""
    share = making.parameters.camouflage
    mean = max(posts, 1) * share / (1.0 - share)
    count = round(mean * rng.lognormvariate(-0.18, 0.6)) if mean else 0
    times = [making.moment(rng, person) for _ in range(count)]
    making.ordinary += [(account, person, time) for time in times]


def _services(rng: Random) -> list[str]:
    if rng.random() < 0.1:
        return rng.sample(SOCIAL, 2)
    return [rng.choices(SOCIAL, (0.5, 0.25, 0.25))[0]]


def _ask(making: Making, people: list[Person], calls: int) -> None:
    """Let ordinary people ask models for this and that; some post what they asked for."""
    rng = making.life_rng
    posting: dict[str, str] = {}
    for who in making.accounts:
        posting.setdefault(who.person, who.account)
    users: list[tuple[str, Person]] = []
    while calls > 0:
        if not users or rng.random() < 0.3:
            person = rng.choice(people)
            users.append((making.account(rng, rng.choice(AI_SERVICES), person), person))
        account, person = rng.choice(users)
        draft, call = _one_call(making, rng, account, person,
                                making.moment(rng, person))  # fmt: skip
        calls -= 1
        if draft is not None and rng.random() < OWN_USE:
            light = Parameters(edit_share=rng.choice((0.0, 0.05, 0.15)))
            posted = change(rng, draft, light)
            time = after(rng, call.completion.time, 3600)
            event = making.add(posting[person.name], "post", time, text=posted.text,
                               language=person.language)  # fmt: skip
            making.came_of("", call, event, posted)


def _one_call(
    making: Making, rng: Random, account: str, person: Person, time: datetime
) -> tuple[Draft | None, Call]:
    """Add one call of an ordinary user; return what they may post of it, and the call."""
    kind = rng.choices(("drafts", "message", "rewrite", "translate"), (3, 4, 2, 2))[0]
    message, language = said(rng, making), person.language
    material = render(message, language, 1)
    count = rng.choice((2, 3, 5)) if kind == "drafts" else 1
    if kind == "translate":
        language = rng.choice([each for each in LANGUAGES if each != language])
    drafts = [Draft(message, language, n + 2, render(message, language, n + 2))
              for n in range(count)]  # fmt: skip
    prompt = f"{instruction(rng, kind, person.language, count)}\n\n{material}"
    answer = listed(rng, [draft.text for draft in drafts])
    call = making.call(rng, account, person, time, prompt, answer)
    return (rng.choice(drafts) if kind in ("drafts", "message") else None), call


def call_today(making: Making, service: str, time: datetime) -> None:
    """Add one call of a stranger to one AI service at a given moment."""
    rng = making.life_rng
    person = making.person(rng)
    _one_call(making, rng, making.account(rng, service, person), person, time)


def _write(making: Making) -> None:
    """Write all ordinary posts in order of time, so that they repost and answer earlier ones.

    Each has a chance of its own: what planted accounts post besides changes nobody else's words.
    """
    written: dict[str, list[Event]] = {}
    for number, (account, person, time) in enumerate(
        sorted(making.ordinary, key=lambda e: (e[2], e[0]))
    ):
        rng = Random(f"{making.seed}:{account}:{time}:{number}")
        known = written.setdefault(account.partition(":")[0], [])
        recent = [e for e in known[-200:] if e.account != account
                  and time - timedelta(days=2) < e.time < time]  # fmt: skip
        event = _post(making, rng, account, person, time, recent)
        if event.action != "repost":
            known.append(event)


def _post(
    making: Making, rng: Random, account: str, person: Person, time: datetime,
    recent: list[Event],
) -> Event:  # fmt: skip
    chance = rng.random()
    if recent and chance < REPOST_SHARE:
        return _repost(making, account, time, rng.choice(recent))
    text = render(said(rng, making), person.language, rng.randrange(1000))
    text, urls, tags = dressed(rng, text, making.sites)
    if recent and chance < REPOST_SHARE + REPLY_SHARE:
        other = rng.choice(recent)
        return making.add(account, "reply", time, text=text, language=person.language,
                          parent=other.id, target=other.account, urls=urls,
                          hashtags=tags)  # fmt: skip
    return making.add(account, "post", time, text=text, language=person.language, urls=urls,
                      hashtags=tags)  # fmt: skip


def _repost(making: Making, account: str, time: datetime, original: Event) -> Event:
    """Add a repost; Bluesky's tell of the original, not of its text."""
    of = f"{original.service}:{original.attributes['native']}"
    shown = original.service != "bluesky"
    return making.add(
        account, "repost", time, text=original.text if shown else None,
        language=original.language if shown else None, target=of,
        urls=original.urls if shown else (), hashtags=original.hashtags if shown else (),
        attributes={"reposted_account": original.account},
    )  # fmt: skip


def dressed(
    rng: Random, text: str, sites: Sequence[str]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return a text with the links and hashtags that a few posts have, and these."""
    urls: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    if rng.random() < TAG_SHARE:
        tags = (f"{invented(rng, 1)}{invented(rng, 1)}",)
        text = f"{text} #{tags[0]}"
    if rng.random() < LINK_SHARE:
        site = sites[min(int(rng.expovariate(0.2)), len(sites) - 1)]
        urls = (f"https://{site}/story/{int(rng.expovariate(0.02))}",)
        text = f"{text} {urls[0]}"
    return text, urls, tags
