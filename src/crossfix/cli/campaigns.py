"""``crossfix campaigns``: what hunts found, shown, confirmed for the guard and withdrawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.opening import opened_journal, opened_registry, operator, place_options
from crossfix.cli.printable import printable
from crossfix.cli.times import Time
from crossfix.counted import counted

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.campaigns.fingerprints import Fingerprints
    from crossfix.config import Settings
    from crossfix.store.log import EventLog
    from crossfix.store.registry import StoredCampaign

_MOST_MEMBERS = 20
_STATES = ("seen", "confirmed", "dismissed")


@click.group("campaigns")
def command() -> None:
    """Show campaigns, confirm them for the guard, and withdraw them.

    They are those of the registry: `crossfix hunt --remember` and a running `crossfix serve` keep
    them there.
    """


@command.command("list")
@click.option("--status", type=click.Choice(_STATES), help="Those of which this is said alone.")
@click.option("--json", "as_json", is_flag=True, help="Print the campaigns as JSON.")
@place_options
def listed(status: str | None, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Show the campaigns, those that were changed last first."""
    from datetime import UTC, datetime

    from crossfix.live.confirming import held_by
    from crossfix.store.registry import CampaignTable

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, _):
        documents = [
            _short(stored, held_by(registry, stored.id), now)
            for stored in sorted(CampaignTable(registry).all(), key=lambda c: c.last, reverse=True)
        ]
    documents = [d for d in documents if status in (None, d["status"])]
    if as_json:
        click.echo(json.dumps(documents, indent=2))
        return
    for d in documents:
        scores = f"{d['coordination']:.2f} {d['inauthenticity']:.2f}"
        click.echo(printable(
            f"{d['id']:<13}{d['status']:<11}{scores}  {d['last'][:10]}  {_cut(d['summary'], 80)}"
        ))  # fmt: skip
    if not documents:
        click.echo("No campaign. Keep those of a hunt with: crossfix hunt --remember")


@command.command("show")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Print the campaign as JSON.")
@place_options
def show(id: str, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Show one campaign: its members, what it is recognised by, and what the guard has of it."""
    from datetime import UTC, datetime

    from crossfix.live.confirming import found, held_by, marks
    from crossfix.store.kept import vault_of
    from crossfix.store.registry import CampaignTable

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), _log(settings) as log:
        stored = found(registry, id)
        held = held_by(registry, id)
        document = _short(stored, held, now) | {
            "members": [{"account": m.account, "score": m.score} for m in stored.members],
            "marks": [
                {"kind": m.kind, "value": m.value, "members": m.members, "outside": m.outside}
                for m in marks(registry, stored, log, vault_of(registry, settings))
            ],
            "fingerprints": _prints(held),
            "history": [
                {"what": c.what, "time": c.time.isoformat() if c.time else None,
                 "joined": len(c.joined), "left": len(c.left)}
                for c in CampaignTable(registry).history(id)
            ],
        }  # fmt: skip
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    for line in _lines(document):
        click.echo(printable(line))


@command.command("confirm")
@click.argument("id")
@click.option("--for", "lasts", type=Time(), default="90d", show_default=True, metavar="TIME",
              help="How long the guard goes by it, such as 30d.")  # fmt: skip
@click.option("--without-log", is_flag=True,
              help="Do not ask the event log who else left the same.")  # fmt: skip
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print what the guard was given as JSON.")
@place_options
def confirm(
    id: str,
    lasts: timedelta,
    without_log: bool,
    why: str,
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Give the guard what a campaign is recognised by.

    These are the texts, links and other keys that are common to its members and rare outside.
    Running gateways take them over within seconds. Confirm again to renew them.
    """
    from datetime import UTC, datetime

    from crossfix.live.confirming import confirm, found
    from crossfix.store.kept import vault_of

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        found(registry, id)
        # The journal comes first: what was begun and failed is in it, never the other way round.
        journal.append(who=operator(), what="campaign confirmed", why=why, now=now,
                       details={"campaign": id, "until": (now + lasts).isoformat()})  # fmt: skip
        with _log(settings, wanted=not without_log) as log:
            vault = vault_of(registry, settings)
            done = confirm(registry, id, now=now, until=now + lasts, vault=vault, log=log)
    made = done.fingerprints
    if as_json:
        document = {"campaign": id, "until": (now + lasts).isoformat(),
                    "fingerprints": _prints(made), "common": done.common}  # fmt: skip
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"{id}: {counted(len(made), 'fingerprint')} until {now + lasts:%Y-%m-%d %H:%M} UTC.")
    if done.common:
        click.echo(f"{counted(len(done.common), 'key')} left out: others left the same.", err=True)
    if not len(made):
        click.echo("Nothing of it is common to its members and rare outside.", err=True)


@command.command("withdraw")
@click.argument("id")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for the journal.")
@click.option("--json", "as_json", is_flag=True, help="Print what was taken back as JSON.")
@place_options
def withdraw(id: str, why: str, as_json: bool, data: Path | None, config: Path | None) -> None:
    """Take back what a campaign gave the guard, and dismiss it."""
    from datetime import UTC, datetime

    from crossfix.live.confirming import found, withdraw

    now = datetime.now(UTC)
    with opened_registry(data, config) as (registry, settings), opened_journal(settings) as journal:
        found(registry, id)
        journal.append(who=operator(), what="campaign withdrawn", why=why, now=now,
                       details={"campaign": id})  # fmt: skip
        gone = withdraw(registry, id, now=now)
    if as_json:
        click.echo(json.dumps({"campaign": id, "withdrawn": gone}))
        return
    click.echo(f"{id}: {counted(gone, 'fingerprint')} taken back.")


@contextmanager
def _log(settings: Settings, *, wanted: bool = True) -> Iterator[EventLog | None]:
    """Open the event log to read it, if it is wanted and there is one."""
    from crossfix.store.kept import kept_log

    url = settings.url("events")
    there = not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()
    if not wanted or not there:
        yield None
        return
    with kept_log(settings) as log:
        yield log


def _short(stored: StoredCampaign, held: Fingerprints, now: datetime) -> dict[str, Any]:
    until = stored.status_until
    ends = [f.expires for f in held.fingerprints] + [i.expires for i in held.indicators]
    return {
        "id": stored.id,
        "status": stored.status,
        "until": until.isoformat() if until else None,
        "coordination": stored.coordination,
        "inauthenticity": stored.inauthenticity,
        "members": len(stored.members),
        "services": list(stored.services),
        "first": stored.first.isoformat(),
        "last": stored.last.isoformat(),
        "fingerprints": sum(end is None or end > now for end in ends),
        "summary": stored.summary,
    }


def _prints(held: Fingerprints) -> list[dict[str, Any]]:
    keys = [(f.id, f.kind, f.key, f.expires) for f in held.fingerprints]
    keys += [(i.id, i.kind, i.value, i.expires) for i in held.indicators]
    return [
        {"id": id, "kind": kind, "value": value, "expires": ends.isoformat() if ends else None}
        for id, kind, value, ends in keys
    ]


def _lines(document: dict[str, Any]) -> Iterator[str]:
    """Yield what a person reads of a campaign."""
    yield f"{document['id']}  {document['summary']}"
    until = f" until {document['until'][:16]}" if document["until"] else ""
    yield f"status         {document['status']}{until}"
    yield f"coordination   {document['coordination']:.2f}"
    yield f"inauthenticity {document['inauthenticity']:.2f}"
    yield f"seen           {document['first'][:16]} to {document['last'][:16]}"
    yield f"members        {len(document['members'])}"
    for member in document["members"][:_MOST_MEMBERS]:
        yield f"  {member['score']:.2f}  {member['account']}"
    if len(document["members"]) > _MOST_MEMBERS:
        yield f"  and {len(document['members']) - _MOST_MEMBERS} more"
    yield f"recognised by  {counted(len(document['marks']), 'key')}"
    for mark in document["marks"]:
        left = f"{mark['members']} members, {mark['outside']} others"
        yield f"  {mark['kind']:<10} {left:<22} {_cut(mark['value'])}"
    yield f"in the guard   {counted(len(document['fingerprints']), 'fingerprint')}"
    for held in document["fingerprints"]:
        yield f"  {held['id']}  {held['kind']:<10} {_cut(held['value'])}"


def _cut(value: str, most: int = 60) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"
