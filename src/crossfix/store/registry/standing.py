"""How accounts stand, as the registry keeps it: state, tier, risk and labels, each with its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from crossfix.store.registry.registry import Registry, upsert
from crossfix.store.registry.tables import ACCOUNTS


class StoredStanding(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an account; ``None`` where nothing is, or where it does not end.

    ``labels`` says of each label when it ends.
    """

    account: str
    first: datetime
    state: str | None = None
    state_until: datetime | None = None
    state_reason: str | None = None
    required_tier: str | None = None
    tier: str | None = None
    tier_until: datetime | None = None
    risk: float | None = None
    risk_parts: dict[str, float] = {}
    risk_until: datetime | None = None
    labels: dict[str, datetime | None] = {}


Change = Callable[[StoredStanding], StoredStanding]

_SAID = ("state", "state_until", "state_reason", "required_tier", "tier", "tier_until", "risk",
         "risk_parts", "risk_until", "labels")  # fmt: skip
_COLUMNS = [ACCOUNTS.c.id, ACCOUNTS.c.first, *(ACCOUNTS.c[name] for name in _SAID)]


class StandingTable:
    """Standings of accounts; who an account is and what it did is `AccountTable`'s to write."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def change(self, account: str, change: Change, *, now: datetime) -> StoredStanding:
        """Change how an account stands, and return how it does.

        ``change`` is given what is kept and returns what is to be, with no other change of the
        same account in between. An account that is not there is made, as first seen now.
        """
        with self._registry.writing() as connection:
            query = sa.select(*_COLUMNS).where(ACCOUNTS.c.id == account).with_for_update()
            row = connection.execute(query).mappings().first()
            old = StoredStanding(account=account, first=now) if row is None else _standing(row)
            new = change(old)
            service = account.partition(":")[0]
            values = {
                "id": account, "service": service, "first": new.first, "last": new.first,
                "events": 0, "updated": now, **{name: _kept(new, name) for name in _SAID},
            }  # fmt: skip
            news: dict[str, Any] = dict.fromkeys((*_SAID, "updated"), "new")
            news["first"] = lambda new, old: sa.case((new < old, new), else_=old)
            upsert(connection, ACCOUNTS, [values], news)
        return new

    def get(self, account: str) -> StoredStanding | None:
        """Return how an account stands, or nothing where it was never seen."""
        query = sa.select(*_COLUMNS).where(ACCOUNTS.c.id == account)
        with self._registry.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _standing(row)

    def said(self, *, most: int = 1_000, state: str | None = None) -> list[StoredStanding]:
        """Return accounts of which something is said, those changed last first."""
        column = ACCOUNTS.c
        condition = (
            sa.or_(*(column[n].is_not(None) for n in ("state", "tier", "risk", "labels")))
            if state is None
            else column.state == state
        )
        query = sa.select(*_COLUMNS).where(condition)
        query = query.order_by(column.updated.desc(), column.id).limit(most)
        with self._registry.reading() as connection:
            return [_standing(row) for row in connection.execute(query).mappings()]

    def changed(
        self, since: datetime | None = None, *, most: int | None = None
    ) -> Iterator[tuple[StoredStanding, datetime]]:
        """Yield how accounts stand, and when that was written, those written last first.

        ``since`` leaves out what was written before it.
        """
        query = sa.select(*_COLUMNS, ACCOUNTS.c.updated).order_by(ACCOUNTS.c.updated.desc())
        if since is not None:
            query = query.where(ACCOUNTS.c.updated >= since)
        with self._registry.reading() as connection:
            rows = connection.execution_options(yield_per=1_000).execute(query.limit(most))
            for row in rows.mappings():
                yield _standing(row), row["updated"]


def _standing(row: Any) -> StoredStanding:
    values = {name: row[name] for name in _SAID}
    labels = {name: _moment(end) for name, end in (values.pop("labels") or {}).items()}
    parts = values.pop("risk_parts") or {}
    return StoredStanding(
        account=row["id"], first=row["first"], labels=labels, risk_parts=parts, **values
    )


def _kept(standing: StoredStanding, name: str) -> Any:
    value = getattr(standing, name)
    if name == "labels":
        return {k: None if v is None else v.isoformat() for k, v in value.items()} or sa.null()
    return (value or sa.null()) if name == "risk_parts" else value


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
