"""Events as crossfix's own JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.events.event import Event


def json_of(event: Event, *, content: bool = True) -> dict[str, Any]:
    """Return an event as the reader ``events`` takes it; fields without a value are left out.

    Without ``content`` the text stays away, and with it what was read out of it.
    """
    row: dict[str, Any] = msgspec.to_builtins(event)
    if not content:
        for name in ("text", "urls", "hashtags", "mentions", "media"):
            row.pop(name)
    return {name: value for name, value in row.items() if value not in (None, [], (), {})}
