"""The command line: one file a verb, each loaded only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

import crossfix

VERBS: dict[str, str] = {
    "accounts": "Show how accounts stand, and change it.",
    "campaigns": "Show campaigns, confirm them for the guard, and withdraw them.",
    "demo": "Run the main job from end to end on a generated world.",
    "doctor": "Say what is wrong with this installation, and what to do.",
    "erase": "Forget what an account wrote and how it was verified.",
    "export": "Write events in the forms of other tools.",
    "hunt": "Find accounts that act as one in files of what accounts did.",
    "ingest": "Read files into the event log.",
    "keys": "Make, show, rotate and revoke API keys.",
    "meaning": "Install the encoders that compare what texts mean.",
    "origin": "Find where what models wrote was posted.",
    "pairs": "Count co-sharing pairs with CooRTweet's own semantics.",
    "redteam": "Try to evade the hunt, and say where it breaks.",
    "retro": "Search the whole log for an indicator or a fingerprint.",
    "serve": "Run the gateway in front of a model API.",
    "policy": "Check, test, try on the past, explain and publish usage policies.",
    "retain": "Forget texts that have been kept for long enough.",
    "scenario": "Generate a world with ground truth.",
    "verify": "Pass a challenge without a browser, or reset how an account is verified.",
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb that is meant, or suggest those that are spelled alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as e:
            raise click.NoSuchCommand(e.command_name, possibilities=VERBS, ctx=ctx) from None

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
        code = cli.main(arguments, standalone_mode=False) or 0
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as e:
        from crossfix.cli.ending import ended

        code = ended(e)
    sys.exit(code)
