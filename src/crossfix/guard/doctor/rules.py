"""Looks at what is configured: policies, prices, keys, identity, exposure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from crossfix.errors import CrossfixError, PolicyError, StoreError
from crossfix.events import from_batch
from crossfix.guard.doctor.line import Line, Patient, fail, ok, warn
from crossfix.guard.key_use import key_uses
from crossfix.guard.prices import SHIPPED, Prices
from crossfix.policy import STARTER, load_policies

OLD_PRICES_DAYS = 400
LOOK_BACK_DAYS = 7
MOST_EVENTS = 500_000
SOON_DAYS = 14


def policies(patient: Patient) -> Iterator[Line]:
    """See whether every policy can be read."""
    folder = patient.settings.policy.directory or STARTER
    try:
        found = load_policies([folder])
    except PolicyError as e:
        count = len(e.mistakes) or 1
        yield fail(
            "policies",
            f"{count} mistakes below {folder}",
            f"Run: crossfix policy check {folder}",
            "input",
        )
        return
    except CrossfixError as e:
        yield fail("policies", e.message, e.hint or f"Run: crossfix policy check {folder}", "input")
        return
    live = sum(policy.status == "live" for policy in found)
    said = f"{live} live, {len(found) - live} not"
    if live:
        yield ok("policies", said)
    else:
        yield warn(
            "policies", f"{said}: none is live", "Set status: live in those that are to act."
        )


def prices(patient: Patient) -> Iterator[Line]:
    """See whether the price table can be read and is not old."""
    path = patient.settings.spend.prices or SHIPPED
    try:
        table = Prices.of_file(path)
    except CrossfixError as e:
        yield fail("prices", e.message, e.hint or "Mend the file of spend.prices.", "input")
        return
    try:
        as_of = datetime.strptime(table.as_of[:7], "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        yield warn("prices", "the table does not say when it was right", "Add as_of to it.")
        return
    days = (datetime.fromtimestamp(patient.now, UTC) - as_of).days
    said = f"the table is of {table.as_of}"
    capped = any(
        getattr(patient.settings.spend, f"{who}_{when}") is not None
        for who in ("account", "organisation")
        for when in ("day", "month")
    )
    if days > OLD_PRICES_DAYS and capped:
        yield warn(
            "prices",
            f"{said}, and caps are reckoned with it",
            "Compare it with the makers' lists; set spend.prices.",
        )
    else:
        yield ok("prices", said)


def exposure(patient: Patient) -> Iterator[Line]:
    """See whether the gateway can be reached by more than this machine."""
    gateway = patient.settings.gateway
    if is_local(gateway.host):
        yield ok("address", f"the gateway listens at {gateway.host}, for this machine alone")
        return
    if not gateway.upstreams:
        yield ok("address", f"the gateway listens at {gateway.host}")
        return
    foreign = [name for name, u in gateway.upstreams.items() if u.key is None]
    if foreign:
        yield warn(
            "address",
            f"the gateway listens at {gateway.host}, and passes on "
            f"whatever key a client sends to {', '.join(foreign)}",
            "Give the upstream a key (upstreams.NAME.key), and clients keys of crossfix.",
        )
    else:
        yield warn(
            "address",
            f"the gateway listens at {gateway.host} without encryption",
            "Put a server that speaks TLS before it, or listen at 127.0.0.1.",
        )


def workers(patient: Patient) -> Iterator[Line]:
    """See whether several workers have somewhere to count together."""
    settings = patient.settings
    count = settings.gateway.workers
    if count == 1:
        yield ok("workers", "one process answers, and counts in its own memory")
    elif settings.store.valkey is None:
        yield fail(
            "workers",
            f"{count} workers have no server to count limits in, and will not start",
            "Set store.valkey, or gateway.workers to 1.",
            "input",
        )
    else:
        yield ok("workers", f"{count} workers count limits in Valkey, and tell each other the rest")


def is_local(host: str) -> bool:
    """Say whether only this machine reaches what listens at an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def keys(patient: Patient) -> Iterator[Line]:
    """See whether keys end soon, and whether each says who its users are."""
    settings = patient.settings
    if not patient.kept("registry"):
        yield ok("keys", "none yet")
        return
    from crossfix.store.registry import KeyTable, open_registry, schema_of

    try:
        if schema_of(settings.url("registry"))[0] is None:
            yield ok("keys", "none yet")
            return
        with open_registry(settings.url("registry")) as registry:
            found = [key for key in KeyTable(registry).all() if key.revoked is None]
    except StoreError:
        return  # the store's own line says it
    now = datetime.fromtimestamp(patient.now, UTC)
    yield ok("keys", f"{len(found)} in use")
    for key in found:
        if key.expires is not None and key.expires < now + timedelta(days=SOON_DAYS):
            yield warn(
                "keys",
                f"the key {key.name} ends {key.expires:%Y-%m-%d}",
                f"Make another: crossfix keys create NAME --role {key.role}",
            )
    nameless = [key.name for key in found if "proxy" in key.scopes and not key.identity]
    if nameless:
        yield warn(
            "identity",
            f"all users of {', '.join(sorted(nameless)[:5])} are one account",
            "Make the key anew with --identity, and name the user in each request.",
        )
    elif found:
        yield ok("identity", "every key says what names its users")
    if any("jwt" in key.identity for key in found) and settings.identity.key_set is None:
        yield fail(
            "identity",
            "a key trusts tokens, but there is no key set to check them with",
            "Set identity.key_set and identity.issuer.",
            "input",
        )
    if any("signed" in key.identity for key in found) and settings.identity.secret is None:
        yield fail(
            "identity",
            "a key trusts signed headers, but there is no secret",
            "Set identity.secret to the name of the variable that holds it.",
            "input",
        )


def lone_keys(patient: Patient) -> Iterator[Line]:
    """See in the last week's events whether all users behind a key look like one."""
    settings = patient.settings
    if not patient.kept("events"):
        return
    from crossfix.store.kept import kept_log

    since = datetime.fromtimestamp(patient.now, UTC) - timedelta(days=LOOK_BACK_DAYS)
    try:
        with kept_log(settings) as log:
            uses = key_uses(
                event
                for number, batch in enumerate(log.read(since=since))
                if number * 65_536 < MOST_EVENTS
                for event in from_batch(batch)
            )
    except StoreError:
        return  # the store's own line says it
    lone = uses.standing_for_many()
    for use in lone[:10]:
        yield warn(
            "users",
            f"all {use.requests:,} requests with the key {use.key} look like one "
            "account: limits, behaviour and suspensions hit everybody or nobody",
            "Name the user: crossfix keys create NAME --identity field:safety_identifier",
        )
    if not lone and uses.all():
        yield ok("users", f"the users behind {len(uses.all())} keys can be told apart")
