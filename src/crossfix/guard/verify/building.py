"""Verification as the settings describe it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crossfix.config import Settings
from crossfix.guard.verify.proof import Proofs
from crossfix.guard.verify.raising import Raised, Raising
from crossfix.guard.verify.site import Site
from crossfix.guard.verify.steps import Steps
from crossfix.guard.verify.verification import Verification

if TYPE_CHECKING:
    from crossfix.guard.verify.ticket import Tickets


def build_site(
    settings: Settings,
    secret: bytes,
    tickets: Tickets,
    address: Callable[[], str],
    clock: Callable[[], float],
    tell: Callable[[Raised, float], None],
) -> Site:
    """Return the routes of verification; opens the registry.

    Raises:
        StoreError: the registry cannot be opened.
    """
    from crossfix.store.registry import open_registry

    verify = settings.verify
    registry = open_registry(settings.url("registry"))
    hours = {
        "proof_of_work": verify.proof_of_work_hours, "email": verify.email_hours,
        "code": verify.code_hours, "external": verify.external_hours,
    }  # fmt: skip
    raising = Raising(registry, settings.url("journal"), hours)
    verification = Verification(registry, raising, verify, secret, tell)
    proofs = Proofs(secret, cost=verify.proof_cost, tries=verify.proof_tries)
    name = verify.name or settings.gateway.service
    return Site(tickets, Steps(verification, proofs), name, address, clock)
