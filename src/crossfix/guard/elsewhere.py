"""What happened elsewhere, as the guard takes it: an event as a request, and as facts of here."""

from __future__ import annotations

import msgspec

from crossfix.accounts.standing import Standing
from crossfix.content.finding import Finding
from crossfix.events.event import Event
from crossfix.guard.request import Request
from crossfix.policy.facts import Facts


def witnessed(event: Event) -> Request:
    """Return what happened elsewhere as the guard takes requests."""
    return Request(
        id=event.id, service=event.service, account=event.account, action=event.action,
        model=event.attributes.get("model", ""), texts=(event.text,) if event.text else (),
        attributes=event.attributes,
    )  # fmt: skip


def as_here(facts: Facts, standing: Standing, found: tuple[Finding, ...], now: float) -> Facts:
    """Return facts with how the account stands here and now, whatever the event says of it."""
    return msgspec.structs.replace(
        facts, time=now, tier=standing.tier, state=standing.state, risk=standing.risk,
        labels=standing.labels, findings=found, age_days=max(0.0, now - standing.first) / 86_400.0,
    )  # fmt: skip
