"""Events as they arrive at the watch."""

from datetime import UTC, datetime, timedelta

from crossfix.events import Event

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def post(who: str, seconds: float, text: str, **fields: object) -> Event:
    moment = NOON + timedelta(seconds=seconds)
    plain: dict[str, object] = {
        "id": f"{who}/{seconds}", "time": moment, "received": moment, "service": "forum",
        "surface": "social", "account": f"forum:{who}", "action": "post", "text": text,
    }  # fmt: skip
    return Event(**(plain | fields))  # type: ignore[arg-type]
