"""A request as the conditions of policies see it."""

from __future__ import annotations

import re

from crossfix.accounts.standing import Standing
from crossfix.content.finding import Finding
from crossfix.guard.request import Request
from crossfix.policy.facts import Facts

_URL = re.compile(r"https?://[^\s<>\"'\]\)]{1,2000}")
_MOST_URLS = 64


def request_facts(
    request: Request, standing: Standing, findings: tuple[Finding, ...], now: float
) -> Facts:
    """Return a request as policies see it."""
    texts = request.texts
    text = texts[0] if len(texts) == 1 else "\n".join(texts)
    return Facts(
        time=now,
        action=request.action,
        service=request.service,
        surface="ai",
        account=request.account,
        text=text,
        model=request.model,
        key=request.key,
        organisation=request.organisation,
        conversation=request.conversation or "",
        tokens=request.tokens,
        urls=tuple(_URL.findall(text)[:_MOST_URLS]) if ":" in text and "://" in text else (),
        attributes=request.attributes,
        tier=standing.tier,
        state=standing.state,
        risk=standing.risk,
        labels=standing.labels,
        age_days=max(0.0, now - standing.first) / 86_400.0,
        findings=findings,
    )
