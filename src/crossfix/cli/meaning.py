"""``crossfix meaning``: the encoders that compare what texts mean."""

from __future__ import annotations

from pathlib import Path

import click

from crossfix.cli.opening import place_options
from crossfix.cli.printable import printable


@click.group("meaning")
def command() -> None:
    """Install the encoders that compare what texts mean, and show them."""


@command.command("install")
@click.option("--again", is_flag=True, help="Fetch them even if they are here.")
@place_options
def install(again: bool, data: Path | None, config: Path | None) -> None:
    """Fetch the encoders once, through pip; afterwards they need no network."""
    from crossfix.config import load_settings
    from crossfix.content.encoders.wheels import FOLDER
    from crossfix.content.encoders.wheels import install as fetch

    settings = load_settings(config, arguments={"data_directory": data})
    folder = settings.data_directory / FOLDER
    lacking = fetch(folder, lambda line: click.echo(line, err=True), again=again)
    for sentence in lacking:
        click.echo(printable(f"Note: {sentence}"), err=True)
    click.echo(f"Installed in {folder}.")


@command.command("show")
@place_options
def show(data: Path | None, config: Path | None) -> None:
    """Show which encoders are here, whole and unchanged."""
    from crossfix.config import load_settings
    from crossfix.content.encoders.wheels import FOLDER, WHEELS, complete

    settings = load_settings(config, arguments={"data_directory": data})
    folder = settings.data_directory / FOLDER
    for wheel in WHEELS:
        state = "installed" if complete(folder, wheel) else "not installed"
        click.echo(f"{wheel.requirement}  {state}  ({wheel.licence})")
