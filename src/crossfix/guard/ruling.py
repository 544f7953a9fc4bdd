"""What a policy says about one event, as the guard takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    ``wording`` has the text by language.
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
    wording: Mapping[str, str] = {}


Rules = Callable[[Facts], Sequence[Ruling]]
"""Policies made ready: they remember what they count, and rule on one event after the other."""

Direction = Literal["prompt", "completion"]

Look = Callable[[str, Direction], Sequence[Finding]]
"""Checks of content: a text and whether it goes to the model or comes from it."""

Known = Callable[[Mapping[str, str], str], Sequence[Finding]]
"""Fingerprints that stand in no text, by the attributes of an event and its action."""

LASTING: dict[Answer, tuple[State, float]] = {
    "throttle": ("limited", 3_600.0),
    "challenge": ("challenged", 86_400.0),
    "block": ("limited", 86_400.0),
}
"""What an account gets, and for how long, where a policy's answer comes after the event."""


def lasting(ruling: Ruling) -> Ruling:
    """Return what a ruling makes of an account where there is no request to answer."""
    if ruling.state is not None or ruling.answer not in LASTING:
        return ruling
    state, seconds = LASTING[ruling.answer]
    tier: Tier | None = (ruling.tier or "proof_of_work") if state == "challenged" else None
    return msgspec.structs.replace(ruling, state=state, state_seconds=seconds, tier=tier)
