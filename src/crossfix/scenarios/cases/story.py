"""The world of ``crossfix demo``: an operation, an honest agency, and the day they are met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from crossfix.events import Event
from crossfix.scenarios.cases.case_world import CaseWorld
from crossfix.scenarios.cases.crew import (
    Crew,
    Recruits,
    any_language,
    as_post,
    distribute,
    hide,
    recruit,
    worktime,
    written,
)
from crossfix.scenarios.cases.grammar import Message, compose, render, subjects
from crossfix.scenarios.cases.life import call_today, instruction, live, opinion
from crossfix.scenarios.cases.making import DAYS, SOCIAL, Making
from crossfix.scenarios.cases.parameters import Parameters

OPERATION = Parameters(accounts=9, operators=2, batches=5, links=0.6, chained=0.4,
                       delay_seconds=900.0, edit_share=0.1)  # fmt: skip
AGENCY = Parameters(accounts=6, operators=1, batches=5, links=0.0, chained=0.0,
                    delay_seconds=10_800.0)  # fmt: skip
TODAY = 2
"""Batches of each group on the day of the demo."""
CALLS_TODAY = 24
"""Calls of other people on that day."""
WAVE = 6
"""Prompts of the next wave."""
BEHIND_GATEWAY = "atlas"
"""The AI service whose calls of today go through the gateway."""


@dataclass(frozen=True)
class Story:
    """A world ``until`` now, and what is asked of a model today.

    ``world`` has everything; ``today`` are the prompts of one AI service from now on, with their
    completions in ``answers`` by prompt. ``next_wave`` are prompts of tomorrow by an account that
    nobody has seen, ``stranger`` is who asks about something else, and what.
    """

    world: CaseWorld
    until: datetime
    today: tuple[Event, ...]
    answers: dict[str, str]
    next_wave: tuple[tuple[str, str], ...]
    stranger: tuple[str, str]

    def files_until(self) -> CaseWorld:
        """Return the world as its exports have it: without the calls that a gateway saw."""
        live_calls = {event.id for event in self.today}
        gone = live_calls | {e.id for e in self.world.events if e.parent in live_calls}
        return replace(
            self.world,
            events=tuple(e for e in self.world.events if e.id not in gone),
            steps=tuple(s for s in self.world.steps if not {s.source, s.target} & gone),
        )


def build_story(now: datetime, size: int, seed: int) -> Story:
    """Make the demo's world, whose history ends ``now``; the same arguments, the same world."""
    start = now.replace(microsecond=0) - timedelta(days=DAYS)
    making = Making("demo", size, seed, OPERATION, start=start)
    rng = making.group_rng
    language, subject = "en", rng.randrange(subjects("opinion"))
    making.subjects.append(subject)
    operation = recruit(making, "operation", language, Recruits("operation", True, SOCIAL))
    _work(making, operation, language, lambda: opinion(rng, subject))
    making.parameters = AGENCY
    clients = Recruits("agency", False, SOCIAL, role="client", new=0.15)
    agency = recruit(making, "agency", any_language(rng), clients)
    _work(making, agency, agency.operators[BEHIND_GATEWAY][0][1].language,
          lambda: compose(rng, "office", ["news"] * 3))  # fmt: skip
    making.parameters = OPERATION
    live(making)
    for _ in range(CALLS_TODAY):
        call_today(making, BEHIND_GATEWAY, now + timedelta(seconds=rng.randrange(60)))
    stranger = f"user-{rng.getrandbits(48):012x}"
    asked = instruction(rng, "message", "en") + "\n\n" + render(opinion(rng), "en")
    world = making.finished()
    today = tuple(e for e in world.events if e.action == "prompt" and e.time >= start + timedelta(
        days=DAYS) and e.service == BEHIND_GATEWAY)  # fmt: skip
    answers = {e.parent: e.text or "" for e in world.events if e.action == "completion"}
    return Story(
        world, making.end, today, {e.text or "": answers[e.id] for e in today},
        _next_wave(rng, operation, subject), (stranger, asked),
    )  # fmt: skip


def _work(making: Making, crew: Crew, language: str, say: Callable[[], Message]) -> None:
    """Let a group work for two weeks, and today."""
    rng, p = making.group_rng, making.parameters
    now = making.end
    for number in range(p.batches + TODAY):
        today = number >= p.batches
        time = now + timedelta(seconds=number) if today else worktime(making, rng, crew)
        messages = [say() for _ in range(p.accounts)]
        if today:
            making.parameters = replace(p, chained=0.0)
        drafts, call = written(making, crew, time, messages, language, brief=say(),
                               services=(BEHIND_GATEWAY,) if today else ())  # fmt: skip
        distribute(making, crew, drafts, call, as_post(making))
        making.parameters = p
    hide(making, crew)


def _next_wave(rng: Random, crew: Crew, subject: int) -> tuple[tuple[str, str], ...]:
    """Return what a new account of the operation asks for: more of the same, for its site."""
    fresh = f"user-{rng.getrandbits(48):012x}"
    asked = []
    for _ in range(WAVE):
        brief = render(opinion(rng, subject), "en", 1)
        request = instruction(rng, "drafts", "en", OPERATION.accounts)
        asked.append((fresh, f"{request}\n\n{brief} https://{crew.site}/"))
    return tuple(asked)
