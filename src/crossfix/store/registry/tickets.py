"""The one writer of what a verification under way keeps: tickets, tries, received webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossfix.store.registry.registry import Registry
from crossfix.store.registry.tables import RECEIVED, TICKETS, TRIES


class StoredTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that somebody came with: whom it is for, its end, and when it was used up.

    ``document`` is what the verification remembers between two of its steps.
    """

    id: str
    account: str
    ends: datetime
    spent: datetime | None = None
    document: dict[str, Any] = {}


class Cap(msgspec.Struct, frozen=True):
    """How often something may be tried: by whom, how often, within how many seconds."""

    holder: str
    most: int
    seconds: float


TicketChange = Callable[[StoredTicket], StoredTicket]


class TicketTable:
    """Tickets, tries and received webhooks; what has ended is forgotten by `expire`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def change(self, ticket: StoredTicket, change: TicketChange) -> StoredTicket:
        """Change a ticket, and return how it is then.

        ``ticket`` is how it is where it is not kept yet. ``change`` is given what is kept and
        returns what is to be, with no other change of the same ticket in between; what it raises
        leaves everything as it was.
        """
        with self._registry.writing() as connection:
            row = msgspec.structs.asdict(ticket)
            _insert_new(connection, TICKETS, row)
            query = sa.select(TICKETS).where(TICKETS.c.id == ticket.id).with_for_update()
            kept = StoredTicket(**connection.execute(query).mappings().one())
            new = change(kept)
            if new != kept:
                values = {"spent": new.spent, "document": new.document}
                connection.execute(TICKETS.update().where(TICKETS.c.id == kept.id).values(values))
        return new

    def get(self, id: str) -> StoredTicket | None:
        """Return a ticket, or nothing where nobody came with it yet."""
        with self._registry.reading() as connection:
            row = connection.execute(sa.select(TICKETS).where(TICKETS.c.id == id)).mappings()
            found = row.first()
        return None if found is None else StoredTicket(**found)

    def count(self, caps: Iterable[Cap], now: datetime) -> float | None:
        """Count one try for every holder; return the seconds to wait where one had its most.

        Then none of them is charged. A holder's time begins with its first try.
        """
        with self._registry.writing() as connection:
            wait = 0.0
            changes = []
            for cap in sorted(caps, key=lambda c: c.holder):  # one order: no two wait crosswise
                end = now + timedelta(seconds=cap.seconds)
                _insert_new(connection, TRIES, {"holder": cap.holder, "count": 0, "ends": end})
                query = sa.select(TRIES).where(TRIES.c.holder == cap.holder).with_for_update()
                row = connection.execute(query).mappings().one()
                count, ends = (0, end) if row["ends"] <= now else (row["count"], row["ends"])
                if count >= cap.most:
                    wait = max(wait, (ends - now).total_seconds())
                changes.append((cap.holder, count + 1, ends))
            if wait:
                return wait
            for holder, count, ends in changes:
                connection.execute(
                    TRIES.update().where(TRIES.c.holder == holder).values(count=count, ends=ends)
                )
        return None

    def receive(self, id: str, now: datetime) -> bool:
        """Note that a webhook came; say whether it is the first of that id."""
        with self._registry.writing() as connection:
            return _insert_new(connection, RECEIVED, {"id": id, "time": now})

    def unreceive(self, id: str) -> None:
        """Forget that a webhook came, for it could not be heeded."""
        with self._registry.writing() as connection:
            connection.execute(RECEIVED.delete().where(RECEIVED.c.id == id))

    def forget(self, account: str) -> None:
        """Remove the tickets of an account."""
        with self._registry.writing() as connection:
            connection.execute(TICKETS.delete().where(TICKETS.c.account == account))

    def expire(self, now: datetime, *, received_before: datetime) -> None:
        """Forget what has ended."""
        with self._registry.writing() as connection:
            connection.execute(TICKETS.delete().where(TICKETS.c.ends <= now))
            connection.execute(TRIES.delete().where(TRIES.c.ends <= now))
            connection.execute(RECEIVED.delete().where(RECEIVED.c.time < received_before))


def _insert_new(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; say whether it was not."""
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
    done = connection.execute(insert.on_conflict_do_nothing().values(row))
    return bool(done.rowcount)
