"""What ``crossfix policy backtest`` reads and prints."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from crossfix.config import Settings
    from crossfix.events import Event
    from crossfix.policy.backtest import Backtest, Outcome

_MOST_NAMED = 1_000_000


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601, UTC where nothing else is said."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-01-31 or 2026-01-31T12:00", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def past(
    files: Sequence[str],
    settings: Settings,
    since: datetime | None,
    until: datetime | None,
    service: str | None,
    format: str | None,
) -> tuple[int, Iterator[Event]]:
    """Return the events of files, or of the event log where there are none, in order."""
    from crossfix.policy.past import in_order

    if files:
        from crossfix.cli.inputs import reading_progress, show_tallies
        from crossfix.events.readers import ReadOptions, read_files

        options = ReadOptions(now=datetime.now(UTC), service=service)
        with reading_progress("Reading") as progress:
            reading = read_files(files, options, format=format, progress=progress)
            found = in_order(reading, since=since, until=until)
        show_tallies(reading.tallies, err=True)
        return found
    from crossfix.store.kept import kept_log

    with kept_log(settings) as log:
        # An event may be received long after it happened: only what happened later is left out.
        return in_order(log.read(until=until), since=since, until=until)


def named(path: Path | None) -> frozenset[str]:
    """Return the accounts in a file: one a line, or the first column of a CSV."""
    if path is None:
        return frozenset()
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = (row[0].strip() for row in csv.reader(file) if row)
        found = frozenset(row for _, row in zip(range(_MOST_NAMED), rows, strict=False) if row)
    return found - {"account"}


@contextmanager
def counted(total: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many of so many events were judged."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("Judging"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task("judging", total=total)
        yield lambda done: p.update(task, completed=done)


def as_json(found: Backtest, abusers: frozenset[str]) -> dict[str, Any]:
    """Return a backtest as data."""
    return {
        "events": found.events, "accounts": found.accounts, "good_users": found.good,
        "abusers": found.abusers, "since": _iso(found.since), "until": _iso(found.until),
        "good_users_met": found.good_met, "abusers_met": found.abusers_met,
        "abusers_met_after": list(found.abusers_after), "groups_forgotten": found.forgotten,
        "unjudged": found.unjudged,
        "policies": [_row(found, outcome, abusers) for outcome in found.outcomes],
    }  # fmt: skip


def _row(found: Backtest, outcome: Outcome, abusers: frozenset[str]) -> dict[str, Any]:
    policy = outcome.policy
    return {
        "policy": policy.id, "version": policy.version, "status": policy.status,
        "effects": [effect.kind for effect in policy.effects], "events": outcome.events,
        "hits": outcome.hits, "accounts": len(outcome.accounts),
        "good_users_share": found.good_share(outcome, abusers),
        "first_hit": _iso(outcome.first_time), "last_hit": _iso(outcome.last_time),
        "hits_met_by_live": outcome.met, "accounts_not_met_by_live": outcome.fresh_accounts,
        "samples": [
            {"event": s.event, "time": _iso(s.time), "account": s.account,
             "event_of_account": s.number, "evidence": s.evidence}
            for s in outcome.samples
        ],
    }  # fmt: skip


def say(found: Backtest, abusers: frozenset[str]) -> None:
    """Print a backtest for people."""
    span = f", {_iso(found.since)} to {_iso(found.until)}" if found.events else ""
    echo(f"{found.events:,} events of {found.accounts:,} accounts{span}")
    for outcome in found.outcomes:
        _say_one(found, outcome, abusers)
    share = found.good_met / found.good if found.good else 0.0
    echo(
        f"\nLive policies would have held up {found.good_met:,} of {found.good:,} accounts"
        f"{' that are not named as abusers' if found.abusers else ''} ({share:.2%})."
    )
    if found.abusers:
        soon = sum(n <= 50 for n in found.abusers_after)
        echo(
            f"Of {found.abusers:,} abusers {found.abusers_met:,} would have been held up, "
            f"{soon:,} of them within 50 events."
        )
    if found.unjudged:
        echo(f"{found.unjudged:,} requests were refused before policies saw them.")
    if found.forgotten:
        echo(f"{found.forgotten:,} groups were forgotten early: more came than are remembered.")


def _say_one(found: Backtest, outcome: Outcome, abusers: frozenset[str]) -> None:
    policy = outcome.policy
    effects = ", ".join(effect.kind for effect in policy.effects)
    echo(f"\n{policy.id} ({policy.status}; {effects}): {policy.title}")
    if not outcome.hits:
        echo(f"  no hit among {outcome.events:,} events")
        return
    echo(
        f"  {outcome.hits:,} hits among {outcome.events:,} events, "
        f"{len(outcome.accounts):,} accounts, "
        f"{found.good_share(outcome, abusers):.2%} of good users"
    )
    if policy.status != "live":
        echo(
            f"  beside what is live: {outcome.hits - outcome.met:,} hits and "
            f"{outcome.fresh_accounts:,} accounts that no live policy holds up"
        )
    for sample in outcome.samples:
        echo(f"  {_iso(sample.time)} {sample.account}, its event {sample.number:,}")
        for said, value in sample.evidence.items():
            echo(f"    {said} = {value}")


def echo(text: str) -> None:
    """Print text from outside."""
    click.echo(printable(text))


def _iso(time: float | None) -> str | None:
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat("T", "seconds")
