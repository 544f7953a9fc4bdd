"""The command line: one file a verb, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

import crossfix
from crossfix.cli.printable import printable
from crossfix.errors import CrossfixError

VERBS: dict[str, str] = {
    "demo": "Run the main job from end to end on a generated world.",
    "hunt": "Find accounts that act as one in files of what accounts did.",
    "ingest": "Read files into the event log.",
    "pairs": "Count co-sharing pairs with CooRTweet's own semantics.",
    "scenario": "Generate a world with ground truth.",
}
"""Verb -> its short help, so that ``--help`` needs to load none of them."""


class Verbs(click.Group):
    """A group that imports a verb's module when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the verb."""
        if name not in VERBS:
            return None
        module = importlib.import_module(f"crossfix.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


@click.group(cls=Verbs)
@click.version_option(crossfix.__version__, prog_name="crossfix")
def cli() -> None:
    """Find, stop and share coordinated misuse of AI."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exit 0 ok, 1 failed, 2 your input, 3 outside, 130 interrupted."""
    try:
        sys.exit(cli.main(arguments, standalone_mode=False) or 0)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except CrossfixError as e:
        click.echo(printable(f"Error: {e}"), err=True)
        sys.exit(e.exit_code)
