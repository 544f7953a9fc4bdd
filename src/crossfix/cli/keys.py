"""``crossfix keys``: the API keys with which applications come to the guard."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.store.registry import StoredKey

ROLES = ("application", "monitor", "operator", "sensor")


@click.group("keys")
def command() -> None:
    """Make, show, rotate and revoke API keys.

    A secret is shown once, when it is made; what is kept is its hash.
    """


@command.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="application", show_default=True,
              help="What the key may do.")  # fmt: skip
@click.option("--organisation", metavar="NAME", help="The customer that the key belongs to.")
@click.option("--identity", multiple=True, metavar="SOURCE",
              help="What is trusted to name the account behind a request: jwt, signed, "
              "header:NAME, field:user, field:safety_identifier or field:metadata.user_id; may be "
              "given several times, the first that is there holds. "
              "Without it all requests are the key's own.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), metavar="N",
              help="The days after which the key ends; else it does not.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the key as JSON.")
@place_options
def create(
    name: str,
    role: str,
    organisation: str | None,
    identity: tuple[str, ...],
    days: int | None,
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Make a key and show its secret, once."""
    import secrets
    from datetime import UTC, datetime

    from crossfix.guard.identity import checked_sources
    from crossfix.guard.keys import SECRET_BYTES, new_key
    from crossfix.store.registry import KeyTable

    now = datetime.now(UTC)
    lasts = timedelta(days=days) if days else None
    secret, key = new_key(
        secrets.token_bytes(SECRET_BYTES), now=now, name=name, role=role,
        organisation=organisation, identity=checked_sources(identity), lasts=lasts,
    )  # fmt: skip
    with opened_registry(data, config) as (registry, settings):
        KeyTable(registry).create(key)
        with opened_journal(settings) as journal:
            journal.append(who=operator(), what="key created", why="", now=now,
                           details={"key": key.id, "name": name, "role": role})  # fmt: skip
    _say_secret(secret, key, now, as_json)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print the keys as JSON.")
@place_options
def show(as_json: bool, data: Path | None, config: Path | None) -> None:
    """Show all keys, without their secrets."""
    from datetime import UTC, datetime

    from crossfix.store.registry import KeyTable

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, _):
        keys = KeyTable(registry).all()
    if as_json:
        click.echo(json.dumps([_document(k, now) for k in keys], indent=2))
        return
    for key in keys:
        row = _document(key, now)
        who = ", ".join(key.identity) or "the key's own"
        click.echo(printable(f"{key.id}  {row['status']:<8} {key.role:<12} {key.name}  "
                             f"({', '.join(row['prefixes'])}…; account: {who})"))  # fmt: skip
    if not keys:
        click.echo("There is no key. Make one: crossfix keys create NAME")


@command.command("rotate")
@click.argument("name")
@click.option("--overlap-hours", type=click.IntRange(0, 24 * 90), default=24, show_default=True,
              help="How long the secret that is in use holds on.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the key as JSON.")
@place_options
def rotate(
    name: str, overlap_hours: int, as_json: bool, data: Path | None, config: Path | None
) -> None:
    """Give a key, by its name or id, a new secret; the old one holds on for a while."""
    import secrets
    from datetime import UTC, datetime

    from crossfix.guard.keys import SECRET_BYTES, new_secret
    from crossfix.store.registry import KeyTable

    now = datetime.now(UTC)
    secret, stored = new_secret(secrets.token_bytes(SECRET_BYTES), now=now)
    with opened_registry(data, config) as (registry, settings):
        table = KeyTable(registry)
        key = _found(table.find(name), name)
        table.rotate(key.id, stored, old_until=now + timedelta(hours=overlap_hours))
        with opened_journal(settings) as journal:
            journal.append(who=operator(), what="key rotated", why="", now=now,
                           details={"key": key.id, "overlap_hours": overlap_hours})  # fmt: skip
        _say_secret(secret, _found(table.find(key.id), name), now, as_json)


@command.command("revoke")
@click.argument("name")
@click.option("--why", default="", metavar="TEXT", help="The reason, for the journal.")
@place_options
def revoke(name: str, why: str, data: Path | None, config: Path | None) -> None:
    """End a key, by its name or id, at once."""
    from datetime import UTC, datetime

    from crossfix.store.registry import KeyTable

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings):
        table = KeyTable(registry)
        key = _found(table.find(name), name)
        table.revoke(key.id, now=now)
        with opened_journal(settings) as journal:
            journal.append(
                who=operator(), what="key revoked", why=why, now=now, details={"key": key.id}
            )
    click.echo(printable(f"{key.id} ({key.name}) is revoked."))


def _found(key: StoredKey | None, name: str) -> StoredKey:
    from crossfix.errors import InputError

    if key is None:
        raise InputError(f"There is no key {name}.", hint="See: crossfix keys list")
    return key


def _say_secret(secret: str, key: StoredKey, now: datetime, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_document(key, now) | {"secret": secret}, indent=2))
        return
    click.echo(secret)
    click.echo(printable(f"{key.id} ({key.name}); its secret is not shown again."), err=True)


def _document(key: StoredKey, now: datetime) -> dict[str, Any]:
    def alive(end: datetime | None) -> bool:
        return end is None or end > now

    if key.revoked is not None:
        status = "revoked"
    else:
        status = "active" if alive(key.expires) else "expired"
    return {
        "id": key.id, "name": key.name, "role": key.role, "scopes": key.scopes, "status": status,
        "organisation": key.organisation, "identity": key.identity,
        "prefixes": [s.prefix for s in key.secrets if alive(s.expires)],
        "made": key.made.isoformat(),
        "expires": key.expires.isoformat() if key.expires else None,
    }  # fmt: skip
