"""Verification as the settings describe it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from crossfix.config import Settings
from crossfix.guard.mail import Mailer
from crossfix.guard.verify.email_code import EmailCodes
from crossfix.guard.verify.passkey import Passkeys
from crossfix.guard.verify.proof import Proofs
from crossfix.guard.verify.raising import Raised, Raising
from crossfix.guard.verify.site import Site
from crossfix.guard.verify.steps import Steps
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.totp import Totp
from crossfix.guard.verify.verification import Verification
from crossfix.guard.verify.webhook import REFERENCE_SECONDS, Webhooks, providers_of


def build_site(
    settings: Settings,
    secret: bytes,
    tickets: Tickets,
    address: Callable[[], str],
    clock: Callable[[], float],
    tell: Callable[[Raised, float], None],
    environment: Mapping[str, str] | None = None,
) -> Site:
    """Return the routes of verification; opens the registry.

    Raises:
        StoreError: the registry cannot be opened.
        SettingError: a secret that the settings name is missing or is none.
    """
    from crossfix.store.registry import open_registry

    environment = os.environ if environment is None else environment
    verify = settings.verify
    registry = open_registry(settings.url("registry"))
    hours = {
        "proof_of_work": verify.proof_of_work_hours, "email": verify.email_hours,
        "code": verify.code_hours, "external": verify.external_hours,
    }  # fmt: skip
    raising = Raising(registry, settings.url("journal"), hours)
    shared = Verification(registry, raising, verify, secret, tell)
    name = verify.name or settings.gateway.service
    mail = settings.smtp.url is not None
    enrol = verify.enrol_tier or ("email" if mail else "proof_of_work")
    providers = providers_of(verify, environment)
    references = Tickets(secret, REFERENCE_SECONDS, purpose="verification reference")
    steps = Steps(
        shared, enrol,
        proofs=Proofs(secret, cost=verify.proof_cost, tries=verify.proof_tries),
        codes=EmailCodes(shared, Mailer(settings.smtp, environment), name) if mail else None,
        totp=Totp(shared, enrol, name),
        passkeys=Passkeys(shared, enrol, name, address),
        providers=providers,
        references=references,
    )  # fmt: skip
    hooks = Webhooks(shared, providers, references)
    return Site(tickets, steps, hooks, name, address, clock)
