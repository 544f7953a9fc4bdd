"""The headers of a decision, as OpenAI's SDKs read them."""

from __future__ import annotations

from math import ceil

from crossfix.guard.decision import Decision

WAIT_SECONDS = 60.0
"""The longest wait for which an SDK is left to try again by itself."""


def headers(decision: Decision) -> list[tuple[str, str]]:
    """Return the headers that go with an answer, in lower case.

    Limits as ``x-ratelimit-*``, a throttle's wait as ``retry-after`` and ``retry-after-ms``. SDKs
    try again by themselves; where that is of no use ``x-should-retry: false`` stops them.
    """
    answer = []
    for limit in decision.limits:
        what = limit.counted
        answer += [
            (f"x-ratelimit-limit-{what}", str(limit.limit)),
            (f"x-ratelimit-remaining-{what}", str(limit.remaining)),
            (f"x-ratelimit-reset-{what}", duration(limit.reset_seconds)),
        ]
    wait = decision.retry_seconds
    if decision.answer == "throttle" and wait is not None:
        answer += [
            ("retry-after", str(ceil(wait))),
            ("retry-after-ms", str(ceil(wait * 1000))),
        ]
    if decision.answer in ("challenge", "block") or (
        decision.answer == "throttle" and (wait is None or wait > WAIT_SECONDS)
    ):
        answer.append(("x-should-retry", "false"))
    return answer


def duration(seconds: float) -> str:
    """Return a time as OpenAI writes it: ``120ms``, ``1.5s``, ``6m0s``, ``1h0m0s``."""
    if seconds < 1:
        return f"{ceil(seconds * 1000)}ms"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    minutes, rest = divmod(ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{rest}s" if hours else f"{minutes}m{rest}s"
