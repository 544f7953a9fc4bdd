"""``crossfix ingest``: read files into the event log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.inputs import reading_options, reading_progress, show_tallies
from crossfix.counted import counted

if TYPE_CHECKING:
    from crossfix.events.readers import Reading


@click.command("ingest")
@reading_options
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
              help="The data directory, if not the one of the settings.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
              help="The settings file.")  # fmt: skip
@click.option("--refused", type=click.Path(path_type=Path), metavar="FILE",
              help="Where refused rows go; else refused.jsonl in the data directory.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def command(
    files: tuple[str, ...],
    service: str | None,
    format: str | None,
    map: tuple[tuple[str, str], ...],
    data: Path | None,
    config: Path | None,
    refused: Path | None,
    as_json: bool,
) -> None:
    """Read files into the event log, each event once.

    FILE is a file, a folder, a zip or - for standard input, compressed or not. Reading the same
    file twice changes nothing.
    """
    from datetime import UTC, datetime, timedelta

    import pyarrow as pa
    import pyarrow.compute as pc

    from crossfix.config import load_settings
    from crossfix.events.readers import ReadOptions, read_files
    from crossfix.store.kept import sealing_log

    settings = load_settings(config, arguments={"data_directory": data})
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    options = ReadOptions(now=datetime.now(UTC), service=service, map=dict(map))
    oldest = options.now - timedelta(days=settings.privacy.retention_days)
    new, old = 0, 0
    with (
        sealing_log(settings) as log,
        reading_progress("Reading") as progress,
    ):
        side_file = refused or settings.data_directory / "refused.jsonl"
        reading = read_files(files, options, format=format, side_file=side_file, progress=progress)
        try:
            for batch in reading:
                new += log.append(batch)
                times = batch.column("time")
                old += int(pc.sum(pc.less(times, pa.scalar(oldest, times.type))).as_py() or 0)
        except BaseException:
            # What was read until then is kept, and said.
            show_tallies(reading.tallies, err=True)
            raise
        total = log.count()
    _say(reading, new, total, old, as_json)


def _say(reading: Reading, new: int, total: int, old: int, as_json: bool) -> None:
    read = sum(tally.read for tally in reading.tallies)
    if as_json:
        files = [
            {"path": t.path, "format": t.format, "read": t.read, "skipped": dict(t.skipped),
             "notes": t.notes}
            for t in reading.tallies
        ]  # fmt: skip
        account = {
            "files": files,
            "read": read,
            "new": new,
            "known": read - new,
            "old": old,
            "events": total,
        }
        click.echo(json.dumps(account, indent=2))
        return
    show_tallies(reading.tallies, err=False)
    if old:
        click.echo(
            f"Note: {counted(old, 'event')} older than privacy.retention_days: a running gateway, "
            "or crossfix retain, forgets what they say.", err=True,
        )  # fmt: skip
    click.echo(f"{counted(new, 'new event')}, {read - new:,} known already; the log has {total:,}.")
