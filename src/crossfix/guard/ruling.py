"""What a policy says about one event, as the guard takes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from crossfix.accounts.standing import Tier
from crossfix.content.finding import Finding
from crossfix.guard.decision import Answer
from crossfix.policy.facts import Facts


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that holds for an event: the answer it asks for, and the text that people read.

    A ``shadow`` ruling is recorded and changes nothing. ``tier`` goes with a challenge,
    ``retry_seconds`` with a throttle. ``labels`` are given to the account, each for so many
    seconds or, with ``None``, for good.
    """

    policy: str
    answer: Answer
    text: str
    lifts: str | None = None
    tier: Tier | None = None
    retry_seconds: float | None = None
    shadow: bool = False
    labels: dict[str, float | None] = {}
    evidence: dict[str, str] = {}


Rules = Callable[[Facts], Sequence[Ruling]]
"""Policies made ready: they remember what they count, and rule on one event after the other."""

Look = Callable[[str, str], Sequence[Finding]]
"""Checks of content: a text and its direction (``in`` to the model, ``out`` of it)."""
