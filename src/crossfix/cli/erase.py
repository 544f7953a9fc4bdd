"""``crossfix erase``: forget what an account wrote and how it was verified."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable
from crossfix.counted import counted

REMAINS = (
    "that it did something: times, services, actions, what was decided, the models it asked",
    "its standing, what it spent, and its place in campaigns and swarms",
    "fingerprints of what it said in common with others, until they run out",
    "what others wrote, to it or like it",
    "the journal, which names the account",
    "reports and exports that were written before, and what partners were given",
    "what a running gateway holds in memory, until it ends",
)


@click.command("erase")
@click.argument("account")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@place_options
def command(account: str, why: str, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Destroy the key of an account's texts, and forget what it wrote.

    Without the key what it wrote, linked to, is called and came from cannot be read in any copy or
    backup of the event log or of campaigns; backups of the registry hold the key until they are
    deleted. Texts, the profile of its behaviour and how it is verified are removed, and so is the
    file of rows that `crossfix ingest` refused, for nobody knows whose they are.
    """
    from datetime import UTC, datetime

    from msgspec.structs import asdict

    from crossfix.errors import InputError
    from crossfix.store.forgetting import erase

    if ":" not in account.strip(":"):
        raise InputError(f"{account!r} is no account.", hint="An account is service:native-id.")
    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        journal.append(who=operator(), what="account erased", why=why, now=now,
                       details={"account": account})  # fmt: skip
        done = erase(settings, registry, account, now=now)
    if as_json:
        click.echo(json.dumps({"account": account, **asdict(done), "remains": REMAINS}, indent=2))
        return
    if not (done.keys or done.texts or done.factors):
        click.echo(printable(f"Nothing was kept of {account}: is it spelled as it should be?"))
        return
    click.echo(printable(
        f"{account}: {counted(done.keys, 'key')} destroyed, {counted(done.texts, 'text')} "
        f"and {counted(done.factors, 'factor')} removed."
    ))  # fmt: skip
    click.echo("What remains: " + "; ".join(REMAINS) + ".")
