"""What a policy says about one event, as the guard takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from crossfix.accounts.standing import State, Tier
from crossfix.content.finding import Finding
from crossfix.guard.decision import Answer
from crossfix.policy.facts import Facts


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that holds for an event: the answer it asks for, and the text that people read.

    A ``shadow`` ruling is recorded and changes nothing. ``tier`` goes with a challenge,
    ``retry_seconds`` with a throttle. The account gets ``state`` for ``state_seconds``, unless it
    has a stronger one, and ``labels``, each for so many seconds. ``notify`` tells the operators.
    """

    policy: str
    answer: Answer
    text: str
    lifts: str | None = None
    tier: Tier | None = None
    retry_seconds: float | None = None
    shadow: bool = False
    state: State | None = None
    state_seconds: float | None = None
    labels: dict[str, float] = {}
    notify: bool = False
    evidence: dict[str, str] = {}


Rules = Callable[[Facts], Sequence[Ruling]]
"""Policies made ready: they remember what they count, and rule on one event after the other."""

Direction = Literal["prompt", "completion"]

Look = Callable[[str, Direction], Sequence[Finding]]
"""Checks of content: a text and whether it goes to the model or comes from it."""
