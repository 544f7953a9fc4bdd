"""``crossfix origin``: where what models wrote was posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.encoders import load_encoders
from crossfix.cli.folder import REFUSED, fresh_folder
from crossfix.cli.inputs import ColumnMapping, show_tallies
from crossfix.cli.printable import printable
from crossfix.cli.stages import stages
from crossfix.counted import counted

if TYPE_CHECKING:
    from crossfix.campaigns.fanout import FanOut
    from crossfix.traces.chain import Chain
    from crossfix.traces.origin import Sighting


@click.command("origin")
@click.option("--outputs", required=True, multiple=True, type=click.Path(), metavar="FILE",
              help="What models wrote: a table with a text a row, or a log of an AI service; may "
                   "be given several times.")  # fmt: skip
@click.option("--posts", required=True, multiple=True, type=click.Path(), metavar="FILE",
              help="What accounts posted, in any format that is read; may be given "
                   "several times.")  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="The folder to write sightings.csv, report.html and the rest to.")  # fmt: skip
@click.option("--service", help="The service of the posts, if their file does not say it.")
@click.option("--format", help="The format of the posts; else it is recognised.")
@click.option("--map", "map", multiple=True, type=ColumnMapping(), metavar="FIELD=COLUMN",
              help="The column of a field of the posts; may be given several times.")  # fmt: skip
@click.option("--map-outputs", multiple=True, type=ColumnMapping(), metavar="FIELD=COLUMN",
              help="The column of an output's text, response (its id), time, service, account, "
                   "prompt or model; may be given several times.")  # fmt: skip
@click.option("--without-meaning", is_flag=True,
              help="Compare wording alone; what was reworded or translated is not "
                   "found.")  # fmt: skip
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
              help="The data directory, if not the one of the settings.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
              help="The settings file.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    outputs: tuple[str, ...],
    posts: tuple[str, ...],
    out: Path,
    service: str | None,
    format: str | None,
    map: tuple[tuple[str, str], ...],
    map_outputs: tuple[tuple[str, str], ...],
    without_meaning: bool,
    data: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Find where what models wrote was posted, and by how many accounts.

    Texts are recognised verbatim, edited, inside other texts, in disguise and, once an encoder is
    installed (crossfix meaning install), reworded and translated. The report is DIR/report.html.
    """
    from datetime import UTC, datetime

    from crossfix.campaigns.fanout import fan_outs
    from crossfix.campaigns.output.origin.write import write_sightings
    from crossfix.campaigns.usual_words import UsualWords
    from crossfix.config import load_settings
    from crossfix.events.readers import ReadOptions, Tally
    from crossfix.events.readers.refused import SideFile
    from crossfix.traces.chain import chains, hops, own_wording
    from crossfix.traces.origin import Origin, OutputIndex
    from crossfix.traces.origin.files import read_outputs, read_posts

    settings = load_settings(config, arguments={"data_directory": data})
    encoders, said = (None, "Wording alone was compared.")
    if not without_meaning:
        encoders, said = load_encoders(settings)
    options = ReadOptions(now=datetime.now(UTC), map=dict(map_outputs))
    fresh_folder(out)
    refused = SideFile(out / REFUSED)
    tallies: list[Tally] = []
    words = UsualWords()
    with stages() as (say, progress):
        try:
            say("reading outputs")
            index = OutputIndex(read_outputs(outputs, options, tallies, side_file=refused))
            origin = Origin(index, encoders)
            say("comparing posts")
            told = ReadOptions(now=options.now, service=service, map=dict(map))
            for batch in read_posts(posts, told, tallies, format=format, side_file=refused,
                                    progress=progress):  # fmt: skip
                origin.take(batch)
                words.add(batch)
        finally:
            show_tallies(tallies, err=True)
        say("looking closely")
        sightings = origin.finish(progress)
        found = fan_outs(sightings, usual=words.shares(sightings))
        say("following chains")
        paths_over_services = chains(index, hops(index, own_wording(index)), sightings)
        if origin.passed_over:
            late = counted(origin.passed_over, "post")
            said += f" {late} came too late for the second encoder, which alone could compare them."
        say("writing")
        summary = {"posts": origin.taken, "outputs": len(index.outputs), "segments": len(index),
                   "meaning": said}  # fmt: skip
        paths = write_sightings(sightings, found, paths_over_services, out, summary)
    click.echo(f"Note: {said}", err=True)
    _say(sightings, found, paths_over_services, paths, as_json)


def _say(
    sightings: list[Sighting], found: list[FanOut], ways: list[Chain], paths: tuple[Path, ...],
    as_json: bool,
) -> None:  # fmt: skip
    if as_json:
        kinds: dict[str, int] = {}
        for sighting in sightings:
            kinds[sighting.kind] = kinds.get(sighting.kind, 0) + 1
        click.echo(json.dumps({"sightings": len(sightings), "kinds": dict(sorted(kinds.items())),
                               "fan_outs": len(found), "chains": len(ways),
                               "files": [str(p) for p in paths]}, indent=2))  # fmt: skip
        return
    for fan_out in found[:10]:
        parts = counted(len(fan_out.segments), "part")
        click.echo(printable(
            f"Response {fan_out.response}: {parts} posted by "
            f"{counted(len(fan_out.accounts), 'account')} on {', '.join(fan_out.services)}"
        ))  # fmt: skip
    if len(found) > 10:
        click.echo(f"... and {counted(len(found) - 10, 'more fan-out')}.")
    for way in ways[:10]:
        click.echo(printable(f"Chain over {' > '.join(way.services)}: "
                             f"{counted(len(way.ends), 'post')}"))  # fmt: skip
    if len(ways) > 10:
        click.echo(f"... and {counted(len(ways) - 10, 'more chain')}.")
    if not sightings:
        click.echo("No post repeats any of these outputs.")
    numbers = (counted(len(sightings), "sighting"), counted(len(found), "fan-out"),
               counted(len(ways), "chain"))  # fmt: skip
    click.echo(f"{', '.join(numbers)}. Open {paths[-1]}")
