"""Romance and task scams: an advertisement, then a chat whose every line a model wrote."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from crossfix.events import Event
from crossfix.scenarios.cases.crew import (
    Crew,
    Member,
    Post,
    Recruits,
    any_language,
    distribute,
    recruit,
    worktime,
    written,
)
from crossfix.scenarios.cases.evade import Posted
from crossfix.scenarios.cases.grammar import Message, compose, render
from crossfix.scenarios.cases.life import camouflage
from crossfix.scenarios.cases.making import SOCIAL, Making

ANSWERS = 0.6


def make_romance(making: Making) -> None:
    """Plant lonely captains: advertisements on three platforms, then chats on a fourth."""
    _scam(making, "romance")


def make_task(making: Making) -> None:
    """Plant jobs that pay for ratings until one has to pay: advertisements, then chats."""
    _scam(making, "task")


def _scam(making: Making, kind: str) -> None:
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    advertised = recruit(making, kind, language, Recruits(kind, True, SOCIAL))
    chatting = Crew(kind, advertised.operators)
    for _, person in advertised.posters:
        account = making.account(rng, "telegram", person, group=kind, kind=kind, role="poster",
                                 is_operation=True)  # fmt: skip
        chatting.posters.append((account, person))
    for number in range(p.batches):
        time = worktime(making, rng, advertised)
        if number % 3 == 0:
            messages = [_advert(rng, kind) for _ in range(p.accounts)]
            drafts, call = written(making, advertised, time, messages, language)
            distribute(making, advertised, drafts, call, _as_advert(making))
        else:
            messages = [compose(rng, "lures", [kind, kind])] * p.accounts
            wordings = [2 + n // 3 for n in range(p.accounts)]
            drafts, call = written(making, chatting, time, messages, language, wordings=wordings)
            distribute(making, chatting, drafts, call, _as_chat(making, language))
    for (account, person), (chat, _) in zip(advertised.posters, chatting.posters, strict=True):
        done = advertised.posted[account] + chatting.posted[chat]
        camouflage(making, rng, account, person, done)


def _advert(rng: Random, kind: str) -> Message:
    return compose(rng, "lures", [f"{kind}_ad", kind])


def _as_advert(making: Making) -> Post:
    def post(member: Member, time: datetime, posted: Posted) -> Event:
        return making.add(member[0], "post", time, text=posted.text, language=posted.language)

    return post


def _as_chat(making: Making, language: str) -> Post:
    """Return what writes to a victim of the account's own; some answer."""
    rng = making.group_rng
    chats: dict[str, tuple[str, str]] = {}

    def post(member: Member, time: datetime, posted: Posted) -> Event:
        account, _ = member
        if account not in chats:
            person = making.person(rng, language)
            victim = making.account(rng, "telegram", person, kind="victim", role="target")
            chats[account] = (making.new_chat(), victim)
        chat, other = chats[account]
        said = making.message(account, chat, time, posted.text)
        if rng.random() < ANSWERS:
            text = render(compose(rng, "lures", ["answer"]), language)
            making.message(other, chat, time + timedelta(minutes=rng.randrange(1, 600)), text)
        return said

    return post
