"""What the guard answers."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

Answer = Literal["allow", "flag", "throttle", "challenge", "block"]

ANSWERS: tuple[Answer, ...] = get_args(Answer)
"""The answers, mildest first: of several the last one here holds."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why: a code that is listed in the documentation, and a sentence for the person concerned.

    ``evidence`` is for the operator alone and holds no text of the request.
    """

    code: str
    text: str
    policy: str | None = None
    evidence: dict[str, str] = {}


class RateLimit(msgspec.Struct, frozen=True, gc=False):
    """How a limit stands: what it allows, what is left, and seconds until it is whole again."""

    counted: Literal["requests", "tokens"]
    limit: int
    remaining: int
    reset_seconds: float


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An answer with its reasons, strongest first.

    ``reference`` is what a person can quote to ask about it; ``lifts`` says what would lift it.
    ``retry_seconds`` goes with a throttle, ``tier`` (the one that is needed) with a challenge.
    ``degraded`` names the checks that could not be made. ``language`` is that of the texts.
    """

    answer: Answer
    reference: str
    reasons: tuple[Reason, ...] = ()
    lifts: str | None = None
    retry_seconds: float | None = None
    tier: str | None = None
    limits: tuple[RateLimit, ...] = ()
    degraded: tuple[str, ...] = ()
    language: str = "en"


def stronger(first: Decision | None, second: Decision | None) -> Decision | None:
    """Return the stronger of two decisions about one call, the first where they are alike."""
    if first is None or second is None:
        return first or second
    return second if ANSWERS.index(second.answer) > ANSWERS.index(first.answer) else first
