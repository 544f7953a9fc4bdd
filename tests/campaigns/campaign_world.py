"""Small worlds of accounts whose nature is known."""

from datetime import UTC, datetime, timedelta

import numpy as np

from crossfix.accounts.behaviour import Behaviour, collect
from crossfix.events import Event, event_id, to_batch

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120

Draft = tuple[datetime, str, str]
"""Time, action, text."""


def text(rng: np.random.Generator) -> str:
    """Words of somebody's own."""
    return " ".join("".join(chr(97 + c) for c in rng.integers(0, 26, 6)) for _ in range(8))


def person(rng: np.random.Generator, n: int = 60, reposts: float = 0.2) -> list[Draft]:
    """Posts of a person who sleeps, in bursts, with words of their own."""
    drafts = []
    zone = rng.integers(0, 24)
    for _ in range(n):
        at = START + timedelta(
            days=int(rng.integers(0, DAYS)), hours=float(zone + rng.uniform(0, 15)),
            seconds=float(rng.lognormal(4, 2)),
        )  # fmt: skip
        drafts.append((at, "repost" if rng.random() < reposts else "post", text(rng)))
    return drafts


def timer(rng: np.random.Generator, texts: list[str], n: int = 60, reposts: float = 0.0):
    """Posts at a fixed interval, day and night, out of a stock of texts."""
    begin = START + timedelta(days=float(rng.uniform(20, 22)))
    return [
        (begin + timedelta(hours=7 * i, seconds=float(rng.uniform(0, 20))),
         "repost" if rng.random() < reposts else "post", texts[int(rng.integers(len(texts)))])
        for i in range(n)
    ]  # fmt: skip


def behaviour(
    accounts: dict[str, list[Draft]], attributes: dict[str, dict[str, str]] | None = None
) -> Behaviour:
    """Collect what these accounts do."""
    events = []
    for account, drafts in accounts.items():
        for number, (time, action, said) in enumerate(drafts):
            events.append(
                Event(
                    id=event_id("x", f"{account}/{number}"), time=time, received=time,
                    service=account.partition(":")[0], surface="social", account=account,
                    action=action, text=said, attributes=(attributes or {}).get(account, {}),
                )
            )  # fmt: skip
    return collect([to_batch(events)])


def codes(known: Behaviour, prefix: str) -> np.ndarray:
    """Return the codes of accounts whose names begin so."""
    names = known.accounts.to_pylist()
    return np.array([i for i, n in enumerate(names) if n.startswith(prefix)], np.int32)
