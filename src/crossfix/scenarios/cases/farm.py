"""A comment farm: one text, translated, below videos and on blogs of several countries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crossfix.events import Event
from crossfix.events.event import Action
from crossfix.scenarios.cases.crew import (
    Member,
    Post,
    Recruits,
    any_language,
    distribute,
    hide,
    recruit,
    worktime,
)
from crossfix.scenarios.cases.documents import add_page
from crossfix.scenarios.cases.evade import Draft, Posted
from crossfix.scenarios.cases.grammar import LANGUAGES, Message, invented, render, subjects
from crossfix.scenarios.cases.life import instruction, opinion
from crossfix.scenarios.cases.making import AI_SERVICES, Call, Making, listed

BLOGS = 2


def make(making: Making) -> None:
    """Plant a farm: a model translates one text; accounts post it below videos and on blogs."""
    rng, p = making.group_rng, making.parameters
    language = any_language(rng)
    subject = rng.randrange(subjects("opinion"))
    making.subjects.append(subject)
    crew = recruit(making, "farm", language, Recruits("farm", True, ("youtube", "youtube", "x")))
    hosts = [f"{invented(rng, 3)}-blog.example" for _ in range(BLOGS)]
    for host in hosts:
        person = making.person(rng, language)
        account = making.named(f"web:{host}:{host}", person, group="farm", kind="farm",
                               role="site", is_operation=True)  # fmt: skip
        crew.posters.append((account, person))
    for _ in range(p.batches):
        drafts, call = translated(making, crew.operators, worktime(making, rng, crew), language,
                                  opinion(rng, subject), p.accounts + BLOGS)  # fmt: skip
        distribute(making, crew, drafts, call, _posting(making))
    crew.posters = [m for m in crew.posters if m[0].startswith("x:")]
    hide(making, crew)


def translated(
    making: Making, operators: dict[str, list[Member]], time: datetime, language: str,
    message: Message, count: int, others: Sequence[str] = (),
) -> tuple[list[Draft], Call]:  # fmt: skip
    """Let an operator have one text put into other languages, ``count`` texts in all."""
    rng = making.group_rng
    tongues = list(others) or [each for each in LANGUAGES if each != language]
    drafts = []
    for number in range(count):
        tongue = tongues[number % len(tongues)]
        wording = 2 + number // len(tongues)
        drafts.append(Draft(message, tongue, wording, render(message, tongue, wording)))
    account, person = rng.choice(operators[rng.choice(AI_SERVICES)])
    prompt = f"{instruction(rng, 'translate', language, count)}\n\n{render(message, language)}"
    answer = listed(rng, [draft.text for draft in drafts])
    return drafts, making.call(rng, account, person, time, prompt, answer,
                               making.parameters.rotation)  # fmt: skip


def _posting(making: Making) -> Post:
    """Return what comments below a video, posts, or puts an article on a blog."""
    rng = making.group_rng
    video = f"v{rng.getrandbits(40):010x}"

    def post(member: Member, time: datetime, posted: Posted) -> Event:
        account, _ = member
        if account.startswith("web:"):
            host = account.rpartition(":")[2]
            return add_page(making, f"https://{host}/{rng.getrandbits(32):x}", time,
                            title=posted.text.partition(".")[0][:60], site=host,
                            paragraphs=[posted.text], language=posted.language)  # fmt: skip
        action: Action = "reply" if account.startswith("youtube:") else "post"
        conversation = video if action == "reply" else None
        return making.add(account, action, time, text=posted.text, language=posted.language,
                          conversation=conversation)  # fmt: skip

    return post
