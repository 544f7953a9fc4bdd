"""What an alert says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec

Level = Literal["informational", "low", "medium", "high", "critical"]
LEVELS: tuple[str, ...] = get_args(Level)

KINDS: dict[str, str] = {
    "policy": "a policy held for an event, and its level or its effect asks to tell",
    "suspended": "an account was suspended or removed",
    "provider_refusals": "the provider refused many calls within ten minutes",
    "degraded": "a check or the record could not be made",
    "lone_key": "all users behind an API key look like one",
    "held_back": "more alerts came than may be sent in an hour",
}
"""Kind of alert -> when it is raised."""

_LONGEST = 300


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that operators should know.

    Of alerts with the same ``kind`` and ``subject`` within a window one is sent, and a second with
    their ``count`` at the window's end. ``facts`` are names, numbers and ids, never what people
    wrote.
    """

    kind: str
    subject: str
    level: Level
    title: str
    time: float
    facts: dict[str, str] = {}
    count: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """What makes two alerts the same."""
        return self.kind, self.subject


def shown(text: object) -> str:
    """Return text on one line, without control characters, no longer than an alert takes."""
    plain = "".join(c if c.isprintable() else " " for c in str(text))
    return " ".join(plain.split())[:_LONGEST]


def heading(alert: Alert) -> str:
    """Return the line that says it all."""
    times = f" ({alert.count:,} times)" if alert.count > 1 else ""
    return shown(f"[{alert.level}] {alert.title}{times}")


def lines(alert: Alert) -> list[str]:
    """Return the facts of an alert, a line each."""
    when = datetime.fromtimestamp(alert.time, UTC).isoformat(timespec="seconds")
    return [f"time: {when}", *(f"{shown(n)}: {shown(v)}" for n, v in alert.facts.items())]


def payload(alert: Alert) -> dict[str, Any]:
    """Return an alert as programs read it."""
    return {
        "type": f"alert.{alert.kind}",
        "timestamp": datetime.fromtimestamp(alert.time, UTC).isoformat(timespec="seconds"),
        "data": {
            "kind": alert.kind,
            "subject": shown(alert.subject),
            "level": alert.level,
            "title": shown(alert.title),
            "count": alert.count,
            "facts": {shown(n): shown(v) for n, v in alert.facts.items()},
        },
    }
