"""``crossfix retain``: forget texts that have been kept for long enough."""

from __future__ import annotations

from pathlib import Path

import click

from crossfix.cli.opening import opened_registry, place_options
from crossfix.counted import counted


@click.command("retain")
@click.option("--days", type=click.IntRange(0, 36_500), metavar="N",
              help="How many days texts are kept, if not as the settings say.")  # fmt: skip
@place_options
def command(days: int | None, data: Path | None, config: Path | None) -> None:
    """Remove the texts of events that are older than they may be kept.

    The events themselves stay. Texts of campaigns, swarms, fingerprints and profiles go as well
    when they are as old. A running gateway does this by itself every six hours.
    """
    from datetime import UTC, datetime

    from crossfix.store.forgetting import REFUSED, expire
    from crossfix.store.log import open_log

    with opened_registry(data, config) as (registry, settings):
        kept = settings.privacy.retention_days if days is None else days
        with open_log(settings.url("events"), seal_rows=settings.store.seal_rows) as log:
            count = expire(registry, log, now=datetime.now(UTC), days=kept)
        (settings.data_directory / REFUSED).unlink(missing_ok=True)
    click.echo(f"{counted(count, 'text')} older than {counted(kept, 'day')} removed.")
