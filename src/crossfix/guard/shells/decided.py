"""What the guard says to who asks it over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.errors import CrossfixError


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard says: ``allowed`` is whether to go on, ``decision`` its answer.

    Of a refusal there are the HTTP ``status`` and ``code`` that fit it, a ``message`` for the
    person, ``url`` where a challenge is met, and ``retry_seconds``.
    """

    id: str
    allowed: bool
    decision: str
    ref: str
    reasons: list[dict[str, str]] = []
    status: int = 200
    code: str = ""
    message: str = ""
    url: str | None = None
    tier: str | None = None
    lifts: str | None = None
    retry_seconds: float | None = None
    degraded: list[str] = []
    limits: list[dict[str, Any]] = []


class RefusedError(CrossfixError):
    """A guarded call may not be made; ``decided`` says why."""

    def __init__(self, decided: Decided) -> None:
        super().__init__(decided.message)
        self.decided = decided
