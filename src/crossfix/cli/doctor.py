"""``crossfix doctor``: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.opening import place_options
from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from crossfix.guard.doctor import Line


@click.command("doctor")
@click.option("--upstream", metavar="URL",
              help="Base URL of a model API to look at, beside those of the settings.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@place_options
@click.pass_context
def command(
    ctx: click.Context,
    upstream: str | None,
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Look at settings, stores, model APIs, policies, keys and mail.

    Each line is ok, warn or fail, with what to do. It changes nothing. The exit code is 0 where
    nothing fails, 2 where a setting or policy is wrong, 3 where something outside is, else 1.
    """
    import os
    import time

    from crossfix.config import load_settings
    from crossfix.extras import need

    need("guard")
    from crossfix.guard.doctor import examine, exit_code
    from crossfix.guard.doctor.line import Patient, ok

    arguments = {"data_directory": data, "gateway.upstreams.default.url": upstream}
    settings = load_settings(config, arguments=arguments)
    patient = Patient(settings=settings, environment=os.environ, now=time.time())
    lines = [ok("settings", "they can be read")]
    _show(lines[0], as_json)
    for line in examine(patient):
        lines.append(line)
        _show(line, as_json)
    ctx.exit(exit_code(lines))


def _show(line: Line, as_json: bool) -> None:
    if as_json:
        row = {"check": line.check, "status": line.status, "said": line.said, "todo": line.todo}
        click.echo(json.dumps(row))
        return
    click.echo(printable(f"{line.status:<5} {line.check}: {line.said}").replace("\n", " "))
    if line.todo:
        click.echo(printable(f"      {line.todo}").replace("\n", " "))
