"""``crossfix accounts``: how accounts stand, shown and changed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.accounts.standing import STATES, TIERS
from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable
from crossfix.cli.times import Time

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.config import Settings
    from crossfix.store.registry import StoredStanding


@click.group("accounts")
def command() -> None:
    """Show how accounts stand, and change it.

    An account is `service:native-id`. What is set by hand is written to the journal, with the
    reason; running gateways take it over within seconds.
    """


@command.command("show")
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
@place_options
def show(account: str, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Show how one account stands, with the parts of its risk.

    Of an account of which nothing is said there is what it did, by the event log.
    """
    from datetime import UTC, datetime

    from crossfix.store.registry import StandingTable

    with opened_registry(data, config) as (registry, settings):
        stored = StandingTable(registry).get(account)
    document = (
        _logged(settings, account) if stored is None else _document(stored, datetime.now(UTC))
    )
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    for name, value in document.items():
        if value not in (None, {}, ""):
            click.echo(printable(f"{name.replace('_', ' '):<14}{_said(value)}"))


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Those in this state alone.")
@click.option("--seen", is_flag=True,
              help="All that are in the event log instead, the busiest first.")  # fmt: skip
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True,
              metavar="N", help="How many are shown, those changed last first.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the accounts as JSON.")
@place_options
def listed(
    state: str | None, seen: bool, most: int, as_json: bool, data: Path | None, config: Path | None
) -> None:
    """Show the accounts of which something is said, or all that were seen."""
    from datetime import UTC, datetime

    from crossfix.errors import InputError
    from crossfix.store.registry import StandingTable

    if seen and state is not None:
        raise InputError("--seen and --state do not go together.")
    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings):
        if seen:
            _list_seen(settings, most, as_json=as_json)
            return
        found = StandingTable(registry).said(most=most, state=state)
    documents = [_document(s, now) for s in found]
    if state is not None:  # what has run out is in that state no more
        documents = [d for d in documents if d["state"] == state]
    if as_json:
        click.echo(json.dumps(documents, indent=2))
        return
    for d in documents:
        labels = " ".join(d["labels"])
        risk = "" if d["risk"] is None else f"risk {d['risk']:.2f}"
        click.echo(printable(f"{d['state']:<11}{d['tier']:<14}{risk:<10}{d['account']}  {labels}"))
    if not documents:
        click.echo("Nothing is said of any account. See: crossfix accounts list --seen")


@command.command("set")
@click.argument("account")
@click.option("--state", type=click.Choice(STATES), help="What enforcement makes of it.")
@click.option("--require", type=click.Choice(TIERS[1:]),
              help="The tier that a challenged account must show.")  # fmt: skip
@click.option("--tier", type=click.Choice(TIERS), help="How far it is verified.")
@click.option("--label", multiple=True, metavar="NAME", help="A label to give it.")
@click.option("--unlabel", multiple=True, metavar="NAME", help="A label to take from it.")
@click.option("--for", "lasts", type=Time(), metavar="TIME",
              help="How long this holds, such as 12h or 7d; else for good.")  # fmt: skip
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@place_options
def change(
    account: str,
    state: str | None,
    require: str | None,
    tier: str | None,
    label: tuple[str, ...],
    unlabel: tuple[str, ...],
    lasts: timedelta | None,
    why: str,
    data: Path | None,
    config: Path | None,
) -> None:
    """Set an account's state, tier or labels."""
    from datetime import UTC, datetime

    from crossfix.accounts.keeping import set_by_hand
    from crossfix.errors import InputError
    from crossfix.store.registry import StandingTable

    if ":" not in account.strip(":"):
        raise InputError(f"{account!r} is no account.", hint="An account is service:native-id.")
    if require and state is None:
        state = "challenged"
    if not (state or tier or label or unlabel):
        raise InputError("Nothing is to be set.", hint="See: crossfix accounts set --help")
    if (state == "challenged") != bool(require):
        raise InputError("--state challenged and --require TIER go together.")
    now = datetime.now(UTC)
    until = now + lasts if lasts else None
    given = {"state": state, "required_tier": require, "tier": tier, "label": list(label),
             "unlabel": list(unlabel), "until": until.isoformat() if until else None}  # fmt: skip
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        stranger = StandingTable(registry).get(account) is None
        # The journal comes first: what was begun and failed is in it, never the other way round.
        journal.append(
            who=operator(), what="account set", why=why, now=now,
            details={"account": account} | {k: v for k, v in given.items() if v},
        )  # fmt: skip
        new = StandingTable(registry).change(
            account,
            lambda old: set_by_hand(
                old, state=state, required=require, tier=tier, labels=label, unlabel=unlabel,
                until=until, why=why,
            ),
            now=now,
        )  # fmt: skip
        meant = _meant(settings, account) if stranger else None
    document = _document(new, now)
    click.echo(printable(f"{account}: {document['state']}, tier {document['tier']}"))
    if meant is not None:
        click.echo(printable(meant), err=True)


def _logged(settings: Settings, account: str) -> dict[str, Any]:
    """Return what the log says of an account of which the registry says nothing."""
    from crossfix.cli.logged_accounts import logged_accounts, near
    from crossfix.errors import InputError

    found = logged_accounts(settings, account)
    if account not in found:
        meant = near(found, account)
        hint = (
            f"Did you mean {', '.join(meant)}?" if meant else "See: crossfix accounts list --seen"
        )
        raise InputError(f"There is no account {account}.", hint=hint)
    one = found[account]
    return {
        "account": account, "first_seen": one.first.isoformat(), "last_seen": one.last.isoformat(),
        "state": "active", "tier": "anonymous", "events": dict(one.actions.most_common()),
    }  # fmt: skip


def _meant(settings: Settings, account: str) -> str | None:
    """Return what to tell somebody who may have named an account otherwise than the log does."""
    from crossfix.cli.logged_accounts import logged_accounts, near

    found = logged_accounts(settings, account)
    if account in found or not (alike := near(found, account)):
        return None
    return f"No event is of {account} yet; did you mean {', '.join(alike)}?"


def _list_seen(settings: Settings, most: int, *, as_json: bool) -> None:
    from crossfix.cli.logged_accounts import logged_accounts, said

    found = logged_accounts(settings)
    ordered = sorted(found, key=lambda name: (-found[name].actions.total(), name))[:most]
    if as_json:
        rows = [
            {"account": name, "first_seen": found[name].first.isoformat(),
             "last_seen": found[name].last.isoformat(), "events": dict(found[name].actions)}
            for name in ordered
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for name in ordered:
        last = found[name].last.isoformat(timespec="seconds")
        click.echo(printable(f"{last}  {name}  {said(found[name].actions)}"))
    if not ordered:
        click.echo("The event log is empty.")


def _document(stored: StoredStanding, now: datetime) -> dict[str, Any]:
    from crossfix.accounts.keeping import standing_of
    from crossfix.accounts.standings import Standings

    held = Standings()
    held.put(standing_of(stored)[0], now.timestamp(), standing_of(stored)[1])
    standing = held.get(stored.account, now.timestamp())
    return {
        "account": standing.account,
        "first_seen": stored.first.isoformat(),
        "state": standing.state,
        "state_until": _text(stored.state_until) if standing.state_until else None,
        "reason": standing.state_reason,
        "required_tier": None if standing.required == "anonymous" else standing.required,
        "tier": standing.tier,
        "tier_until": _text(stored.tier_until) if standing.tier_until else None,
        "risk": stored.risk,
        "risk_parts": stored.risk_parts,
        "labels": {name: _text(stored.labels.get(name)) for name in standing.labels},
    }  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" if v is not None else k for k, v in value.items())
    return str(value)
