"""The accounts of the event log: what they did, how often and when, without any text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crossfix.config import Settings

_COLUMNS = ("account", "action", "time", "service")
MOST_NEAR = 5


@dataclass
class Logged:
    """One account of the log: events by action, and the first and the last moment."""

    first: datetime
    last: datetime
    actions: Counter[str] = field(default_factory=Counter)


def logged_accounts(settings: Settings, account: str | None = None) -> dict[str, Logged]:
    """Return the accounts of the event log, or one of them with those that are called alike.

    Called alike is what has the same own name behind an API key: `app:ann` and `app:1f3c…/ann`.
    """
    import pyarrow.compute as pc

    from crossfix.store.log import open_log

    settings.data_directory.mkdir(parents=True, exist_ok=True)
    found: dict[str, Logged] = {}
    with open_log(settings.url("events"), seal_rows=settings.store.seal_rows) as log:
        for batch in log.read(columns=_COLUMNS):
            if account is not None:
                own = account.partition(":")[2]
                accounts = pc.cast(batch["account"], "string")
                same = pc.or_(pc.equal(accounts, account), pc.ends_with(accounts, f"/{own}"))
                batch = batch.filter(same)
            _count(batch, found)
    return found


def _count(batch: Any, found: dict[str, Logged]) -> None:
    given = zip(*(batch[name].to_pylist() for name in _COLUMNS[:3]), strict=True)
    for account, action, time in given:
        known = found.get(account)
        if known is None:
            known = found[account] = Logged(time, time)
        known.first, known.last = min(known.first, time), max(known.last, time)
        known.actions[action] += 1


def near(found: dict[str, Logged], account: str) -> list[str]:
    """Return the accounts that somebody may have meant who named one that is not there."""
    service = account.partition(":")[0]
    alike = [name for name in found if name != account and name.startswith(f"{service}:")]
    return sorted(alike, key=lambda name: -found[name].actions.total())[:MOST_NEAR]


def said(actions: Counter[str]) -> str:
    """Return events by action for people, the most frequent first."""
    return ", ".join(f"{action} {n:,}" for action, n in actions.most_common())
