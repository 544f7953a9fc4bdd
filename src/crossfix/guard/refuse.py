"""From a decision to what the client is told."""

from __future__ import annotations

from typing import Any

from crossfix.guard.decision import Decision
from crossfix.guard.headers import headers
from crossfix.guard.wire.ask import Refusal
from crossfix.guard.wordings import wording

AGAIN = ((b"retry-after", b"1"), (b"x-should-retry", b"true"))
"""What tells an SDK to come again in a moment: something is wrong here, not with the request."""

_OF_ACCOUNT = {"account_suspended", "account_removed"}


def refused(decision: Decision, verify_url: str | None = None) -> Refusal | None:
    """Return the refusal that a decision asks for; ``None`` where the request may go on."""
    if decision.answer in ("allow", "flag"):
        return None
    code = decision.reasons[0].code if decision.reasons else ""
    more = shown(decision)
    lines = head(decision)
    if decision.answer == "throttle":
        return Refusal(
            status=429, code="rate_limit_exceeded", kind="limit", message=sentence(decision),
            more=more, headers=lines,
        )  # fmt: skip
    if decision.answer == "challenge":
        if verify_url is not None:
            more["url"] = verify_url
        where = f" {_phrase(decision, 'verify').format(verify_url)}" if verify_url else ""
        return Refusal(
            status=403, code="verification_required", kind="denied",
            message=sentence(decision) + where, more=more, headers=lines,
        )  # fmt: skip
    if code == "check_unavailable":
        return Refusal(
            status=503, code="guard_unavailable", kind="outside", message=sentence(decision),
            more=more, headers=AGAIN,
        )  # fmt: skip
    return Refusal(
        status=403,
        code=code if code in _OF_ACCOUNT else "content_policy_violation",
        kind="denied",
        message=sentence(decision),
        more=more,
        headers=lines,
    )


def sentence(decision: Decision) -> str:
    """Return what a person reads: why, what lifts it, and the reference to quote."""
    why = decision.reasons[0].text if decision.reasons else _phrase(decision, "refused")
    lifts = f" {decision.lifts}" if decision.lifts else ""
    return f"{why}{lifts} {_phrase(decision, 'reference').format(decision.reference)}"


def _phrase(decision: Decision, name: str) -> str:
    return wording(decision.language).phrases[name]


def shown(decision: Decision) -> dict[str, Any]:
    """Return a decision as a client may see it: without what is for the operator alone."""
    # Reasons that differ in their evidence alone are one for whoever reads them.
    reasons = dict.fromkeys((r.code, r.text, r.policy) for r in decision.reasons)
    shown: dict[str, Any] = {
        "decision": decision.answer,
        "ref": decision.reference,
        "reasons": [
            {"code": code, "text": text, **({"policy": policy} if policy else {})}
            for code, text, policy in reasons
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


def head(decision: Decision) -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of an answer: limits, when to come again, and the decision itself."""
    lines = [(n.encode(), v.encode("latin-1", "replace")) for n, v in headers(decision)]
    lines.append((b"x-crossfix-decision", decision.answer.encode()))
    lines.append((b"x-crossfix-reference", decision.reference.encode()))
    if decision.degraded:
        lines.append((b"x-crossfix-degraded", ",".join(decision.degraded).encode()))
    return tuple(lines)
