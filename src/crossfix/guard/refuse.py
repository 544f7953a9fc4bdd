"""From a decision to what the client is told."""

from __future__ import annotations

from typing import Any

from crossfix.guard.decision import Decision
from crossfix.guard.wire.ask import Refusal

LONGEST_RETRY_SECONDS = 60.0
"""Beyond this a client is told not to come again by itself: some wait it out with open sockets."""

_OF_ACCOUNT = {"account_suspended", "account_removed"}


def refused(decision: Decision, verify_url: str | None = None) -> Refusal | None:
    """Return the refusal that a decision asks for; ``None`` where the request may go on."""
    if decision.answer in ("allow", "flag"):
        return None
    code = decision.reasons[0].code if decision.reasons else ""
    more = shown(decision)
    if decision.answer == "throttle":
        return Refusal(
            status=429, code="rate_limit_exceeded", kind="limit", message=sentence(decision),
            retry_seconds=decision.retry_seconds, more=more,
        )  # fmt: skip
    if decision.answer == "challenge":
        if verify_url is not None:
            more["url"] = verify_url
        where = f" Verify here: {verify_url}" if verify_url else ""
        return Refusal(
            status=403, code="verification_required", kind="denied",
            message=sentence(decision) + where, more=more,
        )  # fmt: skip
    if code == "check_unavailable":
        return Refusal(
            status=503, code="guard_unavailable", kind="outside", message=sentence(decision),
            retry_seconds=1.0, more=more,
        )  # fmt: skip
    return Refusal(
        status=403,
        code=code if code in _OF_ACCOUNT else "content_policy_violation",
        kind="denied",
        message=sentence(decision),
        more=more,
    )


def sentence(decision: Decision) -> str:
    """Return what a person reads: why, what lifts it, and the reference to quote."""
    why = decision.reasons[0].text if decision.reasons else "This request is refused."
    lifts = f" {decision.lifts}" if decision.lifts else ""
    return f"{why}{lifts} Reference: {decision.reference}"


def shown(decision: Decision) -> dict[str, Any]:
    """Return a decision as a client may see it: without what is for the operator alone."""
    shown: dict[str, Any] = {
        "decision": decision.answer,
        "ref": decision.reference,
        "reasons": [
            {"code": r.code, "text": r.text, **({"policy": r.policy} if r.policy else {})}
            for r in decision.reasons
        ],
    }
    if decision.lifts:
        shown["lifts"] = decision.lifts
    if decision.tier:
        shown["tier"] = decision.tier
    if decision.retry_seconds is not None:
        shown["retry_seconds"] = decision.retry_seconds
    if decision.degraded:
        shown["degraded"] = list(decision.degraded)
    return shown


def retry_headers(refusal: Refusal) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell SDKs whether and when to come again."""
    wait = refusal.retry_seconds
    if wait is None:
        # Errors of the upstream are left to the SDK's own judgement.
        return [] if refusal.kind == "outside" else [(b"x-should-retry", b"false")]
    wait = max(wait, 0.001)
    found = [
        (b"retry-after", b"%d" % -(-wait // 1)),
        (b"retry-after-ms", b"%d" % -(-wait * 1000 // 1)),
    ]
    if wait > LONGEST_RETRY_SECONDS:
        found.append((b"x-should-retry", b"false"))
    return found


def limit_headers(decision: Decision) -> list[tuple[bytes, bytes]]:
    """Return ``x-ratelimit-*``, as OpenAI writes them."""
    found = []
    for limit in decision.limits:
        what = limit.counted.encode()
        found += [
            (b"x-ratelimit-limit-" + what, b"%d" % limit.limit),
            (b"x-ratelimit-remaining-" + what, b"%d" % limit.remaining),
            (b"x-ratelimit-reset-" + what, duration(limit.reset_seconds).encode()),
        ]
    return found


def duration(seconds: float) -> str:
    """Return a time as OpenAI writes it: ``120ms``, ``1.5s``, ``6m0s``."""
    if seconds < 1:
        return f"{-(-seconds * 1000 // 1):.0f}ms"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    whole = int(-(-seconds // 1))
    hours, rest = divmod(whole, 3600)
    return f"{hours}h{rest // 60}m{rest % 60}s" if hours else f"{rest // 60}m{rest % 60}s"
