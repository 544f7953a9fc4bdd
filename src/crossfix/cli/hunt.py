"""``crossfix hunt``: from files of what accounts did to campaigns with evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.encoders import load_encoders
from crossfix.cli.folder import REFUSED, fresh_folder
from crossfix.cli.inputs import reading_options, show_tallies
from crossfix.cli.printable import printable
from crossfix.cli.stages import stages
from crossfix.counted import counted

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.campaigns.hunt import Found
    from crossfix.campaigns.identity import Known
    from crossfix.config import Settings
    from crossfix.store.registry import Registry


MOST_SEED = 2**32 - 1


@click.command("hunt")
@reading_options
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="The folder to write accounts.csv, report.html and the rest to.")  # fmt: skip
@click.option("--previous", type=click.Path(path_type=Path), metavar="DIR",
              help="An earlier hunt's folder: its campaigns keep their identity.")  # fmt: skip
@click.option(
    "--remember",
    is_flag=True,
    help="Recognise the campaigns of the registry, and keep there what is found.",
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
              help="The data directory of the registry, if not that of the settings.")  # fmt: skip
@click.option("--allow", type=click.Path(path_type=Path), metavar="FILE",
              help="A list of accounts that may act as one, such as a newsroom's.")  # fmt: skip
@click.option("--without", multiple=True, metavar="KIND",
              help="Switch a kind of trace off; may be given several times.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, MOST_SEED),
              help="The seed of what is drawn at random, if not that of the settings.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
              help="The settings file.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the campaigns as JSON.")
def command(
    files: tuple[str, ...],
    service: str | None,
    format: str | None,
    map: tuple[tuple[str, str], ...],
    out: Path,
    previous: Path | None,
    remember: bool,
    data: Path | None,
    allow: Path | None,
    without: tuple[str, ...],
    seed: int | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Find accounts that act as one, and show why.

    FILE is a file, a folder, a zip or - for standard input, compressed or not. The report is
    DIR/report.html.
    """
    from datetime import UTC, datetime

    from crossfix.campaigns.allow import AllowList, read_allow_list
    from crossfix.campaigns.hunt import HuntOptions, hunt
    from crossfix.campaigns.identity import load_previous
    from crossfix.campaigns.output.write import write_outputs
    from crossfix.campaigns.result import FileAccount
    from crossfix.campaigns.small import smallness
    from crossfix.config import load_settings
    from crossfix.events.readers import ReadOptions, read_files

    now = datetime.now(UTC)
    settings = load_settings(config, arguments={"data_directory": data, "seed": seed})
    options = HuntOptions(
        seed=settings.seed,
        previous=[
            *(load_previous(previous) if previous else ()),
            *(_recalled(settings) if remember else ()),
        ],
        allow=read_allow_list(allow) if allow else AllowList(),
        without=frozenset(without),
        encoders=partial(load_encoders, settings),
        meant_texts=settings.meaning.texts,
    )
    fresh_folder(out)
    with stages() as (say, progress):
        reading = read_files(
            files, ReadOptions(now=now, service=service, map=dict(map)),
            format=format, side_file=out / REFUSED, progress=progress,
        )  # fmt: skip

        def accounts() -> list[FileAccount]:
            return [
                FileAccount(path=t.path, format=t.format, read=t.read, skipped=dict(t.skipped),
                            notes=tuple(t.notes))
                for t in reading.tallies
            ]  # fmt: skip

        try:
            found = hunt(reading, options, files=accounts, say=say)
        finally:
            show_tallies(reading.tallies, err=True)
        if small := smallness(len(found.result.accounts), sum(found.result.traces.values())):
            click.echo(f"Note: {small}.", err=True)
        for note in found.said:
            click.echo(printable(f"Note: {note}"), err=True)
        say("writing")
        paths = write_outputs(found.result, found.links, found.evidence, out)
        if remember:
            say("remembering")
            _remember(settings, found, now)
    _say(found, paths, as_json)


@contextmanager
def _registry(settings: Settings) -> Iterator[Registry]:
    from crossfix.store.registry import open_registry

    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with open_registry(settings.url("registry")) as registry:
        yield registry


def _recalled(settings: Settings) -> list[Known]:
    from crossfix.campaigns.remember import recall

    with _registry(settings) as registry:
        return recall(registry)


def _remember(settings: Settings, found: Found, now: datetime) -> None:
    from crossfix.campaigns.remember import remember
    from crossfix.store.kept import vault_of

    with _registry(settings) as registry:
        vault = vault_of(registry, settings)
        remember(registry, found.result.campaigns, vault=vault, now=now)


def _say(found: Found, paths: tuple[Path, ...], as_json: bool) -> None:
    result = found.result
    if as_json:
        summary = [
            {"id": c.id, "members": len(c.members), "coordination": c.coordination,
             "inauthenticity": c.inauthenticity, "services": c.services, "summary": c.summary}
            for c in result.campaigns
        ]  # fmt: skip
        click.echo(json.dumps({"campaigns": summary, "files": [str(p) for p in paths]}, indent=2))
        return
    for campaign in result.campaigns[:10]:
        click.echo(printable(f"{campaign.id}  {campaign.summary}"))
    more = len(result.campaigns) - 10
    if more > 0:
        click.echo(f"... and {counted(more, 'more campaign')}.")
    if not result.campaigns:
        click.echo(
            "No campaign: some pairs of accounts are linked, but no group of three or more is."
            if found.links.num_rows
            else "No campaign: nobody acts as one more often than chance explains."
        )
    numbers = (counted(len(result.accounts), "account"), counted(len(result.campaigns), "campaign"),
               counted(found.links.num_rows, "link"))  # fmt: skip
    click.echo(f"{', '.join(numbers)}. Open {paths[-1]}")
