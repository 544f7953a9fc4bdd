"""What the provider itself refuses, read back: one bad user must not cost the builder the API."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.guard.wire.ask import Answered

POLICY_CODES = frozenset(
    {"content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked",
     "policy_violation", "safety_violation", "cyber_policy_violation", "usage_policy_violation",
     "account_deactivated", "prompt_blocked", "image_generation_user_error",
     "responsibleaipolicyviolation"}
)  # fmt: skip
"""Codes by which providers say that a request broke their rules."""

_FINISHES = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "blocklist"})
_STATUSES = frozenset({400, 403, 422, 451})


def refused_by_answer(answered: Answered) -> bool:
    """Say whether the provider refused in an answer: by its words or by why it stopped."""
    return answered.refusal is not None or answered.finish.lower() in _FINISHES


def refused_by_error(status: int, body: bytes) -> str | None:
    """Return the code by which the provider refused with an error; ``None`` where it did not.

    Only codes count, no words: what a message says may be the user's own text.
    """
    if status not in _STATUSES:
        return None
    try:
        error = msgspec.json.decode(body, type=_Body).error
    except (msgspec.DecodeError, RecursionError):
        return None
    if error is None:
        return None
    inner = error.innererror or {}
    for code in (error.code, error.type, inner.get("code")):
        if isinstance(code, str) and code.lower() in POLICY_CODES:
            return code.lower()
    return None


class _Error(msgspec.Struct):
    code: Any = None
    type: Any = None
    innererror: dict[str, Any] | None = None


class _Body(msgspec.Struct):
    error: _Error | None = None
