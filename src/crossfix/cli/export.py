"""``crossfix export``: write events in the forms of other tools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.cli.opening import place_options
from crossfix.counted import counted

if TYPE_CHECKING:
    from crossfix.events import Event

_CALLS_IN_LINE = 500


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Return a time in any form that readers take."""
        from crossfix.events.readers.times import parse_time

        found = parse_time(value)
        if found is None:
            self.fail(f"{value!r} is no time; write 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx)
        return found


@click.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "ocsf", "otlp"]), default="jsonl",
              show_default=True, help="`jsonl` is crossfix's own, `ocsf` the Open Cybersecurity "
              "Schema Framework's, `otlp` OpenTelemetry's spans of calls.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where to write; else to standard output.")  # fmt: skip
@click.option("--since", type=_Moment(), metavar="TIME", help="Events from this time on.")
@click.option("--until", type=_Moment(), metavar="TIME", help="Events before this time.")
@click.option("--service", "services", multiple=True, metavar="NAME",
              help="Events of this service; may be given several times.")  # fmt: skip
@click.option("--content/--no-content", default=None,
              help="Write texts, too; if unsaid `jsonl` has them, the others not.")  # fmt: skip
@place_options
def command(
    form: str,
    out: Path | None,
    since: datetime | None,
    until: datetime | None,
    services: tuple[str, ...],
    content: bool | None,
    data: Path | None,
    config: Path | None,
) -> None:
    """Write the events of the log, one JSON object a line, in the order of time.

    `otlp` has calls of models alone, up to 500 in a line, each line a whole export request.
    """
    from crossfix.config import load_settings
    from crossfix.events import from_batch
    from crossfix.events.writers import Calls
    from crossfix.store.kept import kept_log

    settings = load_settings(config, arguments={"data_directory": data})
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    said = form == "jsonl" if content is None else content
    with kept_log(settings) as log:
        read = log.read(since=since, until=until, services=services or None)
        events = (event for batch in read for event in from_batch(batch))
        rows = _calls(events, Calls(), said) if form == "otlp" else _rows(events, form, said)
        with click.open_file(str(out or "-"), "wb") as file:
            count = 0
            for written, line in rows:
                file.write(line + b"\n")
                count += written
            file.flush()
    what = "call" if form == "otlp" else "event"
    click.echo(f"{counted(count, what)} written as {form}.", err=True)


def _rows(events: Iterator[Event], form: str, content: bool) -> Iterator[tuple[int, bytes]]:
    import msgspec

    import crossfix
    from crossfix.events.writers import json_of, ocsf_of

    for event in events:
        if form == "jsonl":
            row = json_of(event, content=content)
        else:
            row = ocsf_of(event, content=content, version=crossfix.__version__)
        yield 1, msgspec.json.encode(row)


def _calls(events: Iterator[Event], calls: Any, content: bool) -> Iterator[tuple[int, bytes]]:
    """Yield export requests; events of one call may stand minutes apart."""
    import msgspec

    import crossfix
    from crossfix.events.writers import request_of

    ready: list[Any] = []

    def line() -> bytes:
        request = request_of(ready, content=content, version=crossfix.__version__)
        return msgspec.json.encode(request)

    for event in events:
        calls.take(event)
        if len(calls) % 1_000 == 0:
            ready += calls.ready(event.received.timestamp() - 3_600.0)
        if len(ready) >= _CALLS_IN_LINE:
            yield len(ready), line()
            ready.clear()
    ready += calls.ready()
    for first in range(0, len(ready), _CALLS_IN_LINE):
        part = ready[first : first + _CALLS_IN_LINE]
        request = request_of(part, content=content, version=crossfix.__version__)
        yield len(part), msgspec.json.encode(request)
