"""What verbs that read files have in common: options, progress, an account of what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from crossfix.events.readers import Tally

Command = TypeVar("Command", bound=Callable[..., Any])


class ColumnMapping(click.ParamType[tuple[str, str]]):
    """``event_field=column``."""

    name = "field=column"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return the two names."""
        if isinstance(value, tuple):
            return value
        field, equals, column = str(value).partition("=")
        if not (field and equals and column):
            self.fail(f"{value!r} is not of the form event_field=column, as in account=user_name")
        return field, column


def reading_options(command: Command) -> Command:
    """Add ``FILE...``, ``--service``, ``--format`` and ``--map`` to a command.

    They arrive as ``files``, ``service``, ``format`` and ``map`` (pairs of event field, column).
    """
    options = [
        click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE..."),
        click.option("--service", help="The service of all events, such as x or telegram; it wins "
                     "over what a file says and over its format's own."),
        click.option("--format", help="The format of the files; else each is recognised."),
        click.option("--map", "map", multiple=True, type=ColumnMapping(), metavar="FIELD=COLUMN",
                     help="The column of an event field; may be given several times."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@contextmanager
def reading_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on standard error, if that is a terminal, how much of the input has been read.

    What it gives is called with the bytes read and the bytes in all.
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:
        task = p.add_task(what, total=None)
        yield lambda done, total: p.update(task, completed=done, total=total or None)


def show_tallies(tallies: Sequence[Tally], *, err: bool) -> None:
    """Print a line a file, and beneath it what its reader had to decide."""
    for tally in tallies:
        click.echo(printable(str(tally)), err=err)
        for note in tally.notes:
            click.echo(printable(f"  {note}"), err=err)
