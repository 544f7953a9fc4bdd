"""What a policy's condition sees of one event."""

from __future__ import annotations

import msgspec

from crossfix.content.finding import Finding


class Facts(msgspec.Struct, frozen=True, gc=False):
    """One event as conditions see it, whether it comes live or from the log.

    ``time`` is when it was received, in seconds since 1970 UTC: a backtest sees an event when life
    did. ``tier``, ``state``, ``risk``, ``labels`` and ``age_days`` are the account's at that
    moment; ``findings`` is what the checks of content found in its text; ``answer`` is the
    guard's decision where the event is one.
    """

    time: float
    action: str
    service: str
    surface: str
    account: str
    text: str = ""
    language: str = ""
    model: str = ""
    key: str = ""
    organisation: str = ""
    conversation: str = ""
    target: str = ""
    tokens: int = 0
    urls: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    tier: str = "anonymous"
    state: str = ""
    risk: float = 0.0
    labels: tuple[str, ...] = ()
    age_days: float = 0.0
    findings: tuple[Finding, ...] = ()
    answer: str = ""
