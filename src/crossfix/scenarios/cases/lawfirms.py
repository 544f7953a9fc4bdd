"""Law firms that do not exist: sites, then mails to those who were defrauded before."""

from __future__ import annotations

from datetime import datetime
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
from crossfix.scenarios.cases.documents import add_mail, add_page
from crossfix.scenarios.cases.evade import Posted
from crossfix.scenarios.cases.grammar import compose, invented, person_name, render
from crossfix.scenarios.cases.life import everyday, opinion
from crossfix.scenarios.cases.making import Making
from crossfix.scenarios.cases.visits import add_visits

OTHER_SITES = 10
OTHER_MAILS = 25


def make(making: Making) -> None:
    """Plant firms: each has a site and a mailbox; one answer writes for several of them."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    crew = recruit(making, "lawfirms", language, Recruits("lawfirms", True, ()))
    sites, mails = Crew("lawfirms", crew.operators), Crew("lawfirms", crew.operators)
    for _ in range(p.accounts):
        host = f"{invented(rng, 2)}-{rng.choice(('law', 'legal', 'recht', 'recovery'))}.example"
        person = making.person(rng, language)
        for crew_of, name in ((sites, f"web:{host}:{host}"), (mails, f"email:office@{host}")):
            making.named(name, person, group="lawfirms", kind="lawfirms", role="site",
                         is_operation=True)  # fmt: skip
            crew_of.posters.append((name, person))
    for number in range(p.batches):
        time = worktime(making, rng, crew)
        part, plan = (sites, ["site"] * 3) if number % 2 == 0 else (mails, ["letter"] * 2)
        messages = [compose(rng, "office", plan) for _ in range(p.accounts)]
        drafts, call = written(making, part, time, messages, language)
        post = _as_page(making, language) if part is sites else _as_mail(making)
        distribute(making, part, drafts, call, post)
    for account, _ in sites.posters:
        add_visits(making, rng, account.rpartition(":")[2], rng.randrange(10, 30))
    _honest(making)


def _as_page(making: Making, language: str) -> Post:
    rng = making.group_rng

    def post(member: Member, time: datetime, posted: Posted) -> Event:
        host = member[0].rpartition(":")[2]
        return add_page(making, f"https://{host}/{rng.getrandbits(24):x}", time,
                        title=host.partition(".")[0].title(), site=host,
                        paragraphs=[posted.text], language=posted.language,
                        analytics=f"G-{rng.getrandbits(40):010X}")  # fmt: skip

    return post


def _as_mail(making: Making) -> Post:
    rng = making.group_rng

    def post(member: Member, time: datetime, posted: Posted) -> Event:
        account, person = member
        return add_mail(making, account, time, name=person_name(rng),
                        to=f"{invented(rng)}@mail.example", subject=posted.text[:40],
                        text=posted.text,
                        ip=making.address(rng, person, making.parameters.rotation))  # fmt: skip

    return post


def _honest(making: Making) -> None:
    """Add honest sites, mails and visitors, so that neither is a sign of anything."""
    rng = making.life_rng
    for _ in range(OTHER_SITES):
        person = making.person(rng)
        host = f"{invented(rng, 2)}-{rng.choice(('law', 'legal', 'recht', 'shop'))}.example"
        making.named(f"web:{host}:{host}", person)
        add_page(making, f"https://{host}/", making.moment(rng, person), title=host, site=host,
                 paragraphs=[_honest_text(rng, "site", person.language)],
                 language=person.language,
                 analytics=f"G-{rng.getrandbits(40):010X}")  # fmt: skip
        add_visits(making, rng, host, rng.randrange(10, 30))
    for _ in range(OTHER_MAILS):
        person = making.person(rng)
        account = making.account(rng, "email", person)
        for _ in range(rng.randrange(1, 4)):
            text = _honest_text(rng, "letter", person.language)
            add_mail(making, account, making.moment(rng, person),
                     name=person_name(rng), to=f"{invented(rng)}@mail.example",
                     subject=text[:40], text=text, ip=making.address(rng, person, 0.1))  # fmt: skip


def _honest_text(rng: Random, move: str, language: str) -> str:
    """Return what somebody writes on a site or in a mail: business in few words, then their own."""
    business = render(compose(rng, "office", [rng.choice((move, "news"))]), language)
    own = rng.choice((everyday, opinion))(rng)
    return f"{business} {render(own, language, rng.randrange(50))}"
