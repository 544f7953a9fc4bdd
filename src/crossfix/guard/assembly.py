"""A guard and the naming of accounts, as the settings describe them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import msgspec

from crossfix.accounts.risk import Profiles
from crossfix.config import Settings
from crossfix.errors import SettingError
from crossfix.guard.decide import DEFAULT_ANSWERS, Guard
from crossfix.guard.identity import Identities
from crossfix.guard.limits import DEFAULT_PLAN, Limit, Plan, Planned
from crossfix.guard.prices import SHIPPED, Prices
from crossfix.guard.ruling import Look
from crossfix.guard.rulings import rules_of
from crossfix.guard.spend import Cap, Holder, Period, Spend
from crossfix.guard.tokens import LEAST_SECRET_BYTES, Tokens
from crossfix.policy import STARTER, Memory, Policy, load_policies

_CAPS: tuple[tuple[Holder, Period], ...] = (
    ("account", "day"), ("account", "month"), ("organisation", "day"), ("organisation", "month"),
)  # fmt: skip


def assemble_guard(
    settings: Settings,
    *,
    look: Look | None = None,
    policies: Iterable[Policy] | None = None,
    memory: Memory | None = None,
    seed: int = 0,
) -> Guard:
    """Return the guard that the settings describe, with nothing in its memory yet.

    Args:
        look: the checks of content.
        policies: those that hold, if not the ones of the settings.
        memory: what the policies count with.
        seed: start of the references, at random.

    Raises:
        SettingError: a setting cannot be used.
        InputError: a policy cannot be read.
    """
    if policies is None:
        policies = load_policies([settings.policy.directory or STARTER])
    guard = settings.guard
    quiet = settings.live.fingerprints != "flag"
    return Guard(
        plan=Planned(plan_of(settings)),
        look=look,
        answers=DEFAULT_ANSWERS | ({"swarm": "allow"} if quiet else {}),
        rules=rules_of(policies, memory),
        fail={
            "limits": guard.fail_limits,
            "content": guard.fail_content,
            "policies": guard.fail_policies,
        },
        spend=spend_of(settings),
        profiles=Profiles(),
        flag_risk=guard.flag_risk,
        seed=seed,
    )


def plan_of(settings: Settings) -> Plan:
    """Return the plan of limits: the default one, with those of the settings."""
    given = settings.guard
    own = tuple(
        Limit(scope=x.scope, counted=x.counted, limit=x.limit, period_seconds=x.period_seconds,
              only=x.only)
        for x in given.limits.values()
    )  # fmt: skip
    default = DEFAULT_PLAN.limits if given.default_limits else ()
    # What is limited alike in both has its own figure: the settings' stands for the default's.
    names = {x.name for x in own}
    limits = (*(x for x in default if x.name not in names), *own)
    return msgspec.structs.replace(DEFAULT_PLAN, limits=limits)


def spend_of(settings: Settings) -> Spend:
    """Return the caps on spend, with the prices that they are reckoned with.

    Raises:
        SettingError: the prices cannot be read.
    """
    caps = []
    for holder, period in _CAPS:
        amount = getattr(settings.spend, f"{holder}_{period}")
        if amount is not None:
            caps.append(Cap(holder=holder, period=period, amount=amount))
    return Spend(Prices.of_file(settings.spend.prices or SHIPPED), caps)


def assemble_identities(
    settings: Settings, environment: Mapping[str, str] | None = None
) -> Identities:
    """Return what names the account behind a request.

    Raises:
        SettingError: the key set or a secret cannot be used.
    """
    given = settings.identity
    environment = os.environ if environment is None else environment
    tokens = None
    if given.key_set is not None:
        if not given.issuer:
            raise SettingError("identity.key_set needs identity.issuer.")
        tokens = Tokens.of_file(
            given.key_set, issuer=given.issuer, audience=given.audience, claim=given.claim
        )
    secrets = []
    if given.secret is not None:
        secrets = [s.encode() for s in environment.get(given.secret, "").split()]
        if not secrets or any(len(s) < LEAST_SECRET_BYTES for s in secrets):
            raise SettingError(
                f"The variable {given.secret} must hold secrets of {LEAST_SECRET_BYTES} or more "
                "characters."
            )
    return Identities(settings.gateway.service, tokens=tokens, secrets=secrets)
