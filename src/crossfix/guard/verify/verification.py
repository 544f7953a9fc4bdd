"""What every way of verification shares: tickets, tries, tiers, and what was passed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from crossfix.accounts.standing import Tier
from crossfix.config.sealing import keyed_hash
from crossfix.config.verification import VerifySettings
from crossfix.guard.verify.raising import Raised, Raising, rank
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.ticket import Ticket

if TYPE_CHECKING:
    from crossfix.store.registry import Cap, Registry, StoredTicket

TRIES_PER_TICKET = 20
HOUR = 3_600.0
_TRIES_BETWEEN = 500
"""After so many tries what has ended is forgotten."""
_RECEIVED_LASTS = timedelta(days=1)  # a webhook's window is minutes


class Visit(msgspec.Struct, frozen=True):
    """Somebody who came with a ticket, at a moment, from an IP address ("" where unknown)."""

    ticket: Ticket
    address: str
    now: float

    @property
    def moment(self) -> datetime:
        """The moment as a date."""
        return datetime.fromtimestamp(self.now, UTC)


class Verification:
    """Tickets, tries and tiers of one installation; its methods wait for the registry.

    Args:
        registry: where all of it is kept.
        raising: what gives tiers.
        settings: how accounts are verified.
        secret: the secret key of this installation.
        told: is told of every tier that was given or taken; called in the thread of the caller.
    """

    def __init__(
        self,
        registry: Registry,
        raising: Raising,
        settings: VerifySettings,
        secret: bytes,
        told: Callable[[Raised, float], None],
    ) -> None:
        from crossfix.store.registry import FactorTable, TicketTable

        self.tickets = TicketTable(registry)
        self.factors = FactorTable(registry)
        self.raising = raising
        self.settings = settings
        self.secret = secret
        self._told = told
        self._tried = 0
        self.close = registry.close

    def state(self, visit: Visit) -> StoredTicket:
        """Return what a ticket's verification remembers.

        Raises:
            RefusedError: the ticket is spent.
        """
        kept = self.tickets.get(visit.ticket.id) or self._fresh(visit)
        if kept.spent is not None:
            raise RefusedError("ticket_spent")
        return kept

    def remember(
        self, visit: Visit, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        """Change what a ticket's verification remembers, and return it.

        Raises:
            RefusedError: the ticket is spent, or ``change`` refuses.
        """

        def changed(kept: StoredTicket) -> StoredTicket:
            if kept.spent is not None:
                raise RefusedError("ticket_spent")
            return msgspec.structs.replace(kept, document=change(dict(kept.document)))

        return self.tickets.change(self._fresh(visit), changed).document

    def count_try(self, visit: Visit, what: str, *more: Cap) -> None:
        """Count a try of the ticket, the account and the address.

        Raises:
            RefusedError: one of them had its most.
        """
        from crossfix.store.registry import Cap

        ticket, settings = visit.ticket, self.settings
        left = max(1.0, ticket.ends - visit.now)
        caps = [
            Cap(f"ticket:{what}:{ticket.id}", TRIES_PER_TICKET, left),
            Cap(self.holder("account", ticket.account), settings.tries_per_account, HOUR),
            *more,
        ]
        if visit.address:
            source = self.holder("ip", block_of(visit.address))
            caps.append(Cap(source, settings.tries_per_address, HOUR))
        self._tried += 1
        if self._tried % _TRIES_BETWEEN == 1:
            self.tickets.expire(visit.moment, received_before=visit.moment - _RECEIVED_LASTS)
        wait = self.tickets.count(caps, visit.moment)
        if wait is not None:
            raise RefusedError("too_many", wait_seconds=wait)

    def holder(self, kind: str, value: str) -> str:
        """Return the name under which tries are counted: nobody can be read from it."""
        return f"{kind}:{keyed_hash(self.secret, 'tries ' + kind, value)[:32]}"

    def passed(
        self, visit: Visit, tier: Tier, how: str, attributes: Mapping[str, str] | None = None
    ) -> bool:
        """Raise the account of a ticket; say whether that is all that the ticket asks for.

        The ticket is spent then.

        Raises:
            RefusedError: the ticket is spent already.
        """
        reached = rank(tier) >= rank(visit.ticket.tier)

        def spent(kept: StoredTicket) -> StoredTicket:
            if kept.spent is not None:
                raise RefusedError("ticket_spent")
            return msgspec.structs.replace(kept, spent=visit.moment) if reached else kept

        self.tickets.change(self._fresh(visit), spent)
        said = dict(attributes or {})
        if visit.address:
            said["ip"] = visit.address
        self.give(visit.ticket.account, tier, how, visit.now, said)
        return reached

    def give(
        self, account: str, tier: Tier, how: str, now: float, attributes: Mapping[str, str]
    ) -> None:
        """Raise an account to a tier."""
        self._told(self.raising.give(account, tier, how, now, attributes), now)

    def take(self, account: str, tier: Tier, how: str, now: float) -> None:
        """Take a tier back from an account."""
        self._told(self.raising.take(account, tier, how, now, {}), now)

    def may_enrol(self, account: str, needed: str, now: float) -> bool:
        """Say whether an account is verified far enough to set up a factor."""
        return rank(self.raising.standing(account, now)[0]) >= rank(cast(Tier, needed))

    def _fresh(self, visit: Visit) -> StoredTicket:
        from crossfix.store.registry import StoredTicket

        ends = datetime.fromtimestamp(visit.ticket.ends, UTC)
        return StoredTicket(id=visit.ticket.id, account=visit.ticket.account, ends=ends)


def block_of(address: str) -> str:
    """Return what one household or server has of addresses: one of IPv4, a /64 of IPv6."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known, 64), strict=False))
