"""An event from the log or a file as conditions see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from crossfix.content.finding import Finding
from crossfix.content.unmasked import unmasked
from crossfix.events.event import Event
from crossfix.policy.facts import Facts
from crossfix.policy.values import amount

_FINDINGS = msgspec.json.Decoder(list[Finding])


def facts_of(event: Event) -> Facts:
    """Return an event as a condition sees it, at the moment it was received.

    How the account stood then (tier, state, risk, labels, when it was first seen) and what the
    checks found is read from the attributes that the guard leaves with its events; an event from
    elsewhere has none of it.
    """
    given = event.attributes
    received = event.received.timestamp()
    spent = "tokens_out" if event.action in ("completion", "refusal") else "tokens_in"
    return Facts(
        time=received,
        action=event.action,
        service=event.service,
        surface=event.surface,
        account=event.account,
        text=unmasked(event.text or ""),
        language=event.language or "",
        model=given.get("model", ""),
        key=given.get("key", ""),
        organisation=given.get("organisation", ""),
        conversation=event.conversation or "",
        target=event.target or "",
        tokens=amount(given, spent),
        urls=event.urls,
        hashtags=event.hashtags,
        mentions=event.mentions,
        attributes=given,
        tier=given.get("tier", "anonymous"),
        state=given.get("state", ""),
        risk=_share(given.get("risk", "")),
        labels=tuple(given.get("labels", "").split()),
        age_days=_age(given, received),
        findings=_findings(given.get("findings", "")),
        answer=given.get("answer", ""),
    )


def _share(text: str) -> float:
    try:
        value = float(text or 0.0)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0


def _age(given: dict[str, str], received: float) -> float:
    for name in ("first", "created"):
        try:
            first = datetime.fromisoformat(given[name])
        except (KeyError, ValueError):
            continue
        if first.tzinfo is None:
            first = first.replace(tzinfo=UTC)
        return max(0.0, received - first.timestamp()) / 86_400.0
    return 0.0


def _findings(text: str) -> tuple[Finding, ...]:
    if not text:
        return ()
    try:
        return tuple(_FINDINGS.decode(text))
    except msgspec.MsgspecError:
        return ()


def findings_said(findings: tuple[Finding, ...]) -> str:
    """Return findings as the attribute ``findings`` has them: check, name and score."""
    kept: list[dict[str, Any]] = [
        {"check": f.check, "name": f.name, "score": f.score} for f in findings
    ]
    return msgspec.json.encode(kept).decode()


def attributes_of(facts: Facts) -> dict[str, str]:
    """Return what an event must carry besides its own columns for `facts_of` to give these facts.

    The attributes that the facts came with are among them.
    """
    said = dict(facts.attributes)
    given = (
        ("model", facts.model), ("key", facts.key), ("organisation", facts.organisation),
        ("tier", facts.tier), ("state", facts.state), ("answer", facts.answer),
    )  # fmt: skip
    said |= {name: value for name, value in given if value}
    if facts.labels:
        said["labels"] = " ".join(facts.labels)
    if facts.risk:
        said["risk"] = f"{facts.risk:g}"
    if facts.age_days:
        first = datetime.fromtimestamp(facts.time - facts.age_days * 86_400.0, UTC)
        said["first"] = first.isoformat()
    if facts.findings:
        said["findings"] = findings_said(facts.findings)
    if facts.tokens:
        spent = "tokens_out" if facts.action in ("completion", "refusal") else "tokens_in"
        said[spent] = str(facts.tokens)
    return said
