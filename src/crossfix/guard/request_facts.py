"""A request as the conditions of policies see it."""

from __future__ import annotations

import re

from crossfix.accounts.standing import Standing
from crossfix.content.finding import Finding
from crossfix.content.unmasked import unmasked
from crossfix.guard.request import Request
from crossfix.policy.facts import Facts

_URL = re.compile(r"https?://[^\s<>\"'\]\)]{1,2000}")
_MOST_URLS = 64


def request_facts(
    request: Request, standing: Standing, findings: tuple[Finding, ...], now: float
) -> Facts:
    """Return a request as policies see it."""
    texts = request.texts
    text = unmasked(texts[0] if len(texts) == 1 else "\n".join(texts))
    # In the order of the fields: matching two dozen names takes four times as long as all else.
    return Facts(
        now, request.action, request.service, "ai", request.account, text,
        "",  # the language, which nobody said
        request.model, request.key, request.organisation, request.conversation or "",
        "",  # no target
        request.tokens,
        tuple(_URL.findall(text)[:_MOST_URLS]) if ":" in text and "://" in text else (),
        (), (),  # no hashtags, no mentions
        request.attributes, standing.tier, standing.state, standing.risk, standing.labels,
        max(0.0, now - standing.first) / 86_400.0, findings,
    )  # fmt: skip
