"""Events for examples: one plain event, of which an example says only what matters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crossfix.events import Event

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sample(**fields: Any) -> Event:
    """Return a post of the account ``x:ada`` with these fields."""
    plain: dict[str, Any] = {
        "id": "0" * 32,
        "time": _NOON,
        "received": _NOON,
        "service": "x",
        "surface": "social",
        "account": "x:ada",
        "action": "post",
    }
    return Event(**(plain | fields))
