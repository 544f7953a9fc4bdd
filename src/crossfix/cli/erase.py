"""``crossfix erase``: forget what an account wrote and how it was verified."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable
from crossfix.counted import counted

REMAINS = (
    "events without text: times, actions, attributes such as addresses and models",
    "the standing of the account, and its place in campaigns",
    "the journal, which names the account",
    "reports and exports that were written before, and what partners were given",
    "for about a second, events that wait to be put into the log",
)


@click.command("erase")
@click.argument("account")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@place_options
def command(account: str, why: str, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Destroy the key of an account's texts, and forget what it wrote.

    Without the key the texts cannot be read in any copy or backup of the event log; backups of the
    registry hold the key until they are deleted. Texts, the profile of its behaviour and how it is
    verified are removed.
    """
    from datetime import UTC, datetime

    from crossfix.errors import InputError
    from crossfix.store.log import open_log
    from crossfix.store.registry import DataKeyTable, FactorTable, ProfileTable

    if ":" not in account.strip(":"):
        raise InputError(f"{account!r} is no account.", hint="An account is service:native-id.")
    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        journal.append(who=operator(), what="account erased", why=why, now=now,
                       details={"account": account})  # fmt: skip
        done = {
            "keys": DataKeyTable(registry).destroy(account, now=now),
            "factors": FactorTable(registry).forget(account),
        }
        ProfileTable(registry).forget(account=account)
        with open_log(settings.url("events"), seal_rows=settings.store.seal_rows) as log:
            done["texts"] = log.forget_texts(account=account)
    if as_json:
        click.echo(json.dumps({"account": account, **done, "remains": REMAINS}, indent=2))
        return
    click.echo(printable(
        f"{account}: {counted(done['keys'], 'key')} destroyed, {counted(done['texts'], 'text')} "
        f"and {counted(done['factors'], 'factor')} removed."
    ))  # fmt: skip
    click.echo("What remains: " + "; ".join(REMAINS) + ".")
