"""``crossfix policy``: check, test, try on the past, explain and publish usage policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from crossfix.policy import Policy

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_CONFIG = click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                       help="The settings file.")  # fmt: skip
_DATA = click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
                     help="The data directory, if not the one of the settings.")  # fmt: skip


@click.group("policy")
def command() -> None:
    """Check, test, try on the past, explain and publish usage policies.

    PATH is a policy's file or a folder of them; without any, it is the folder of the settings, and
    the starter pack where none is set.
    """


@command.command("check")
@_PATHS
@_JSON
@_CONFIG
def check(paths: tuple[Path, ...], as_json: bool, config: Path | None) -> None:
    """Check policies, and name every mistake of every file with its line."""
    from crossfix.policy.load import policy_files, read_policies
    from crossfix.policy.mistake import raise_mistakes

    policies, mistakes = read_policies(policy_files(_given(paths, config)))
    if as_json:
        said = [{k: getattr(m, k) for k in ("path", "line", "column", "message")} for m in mistakes]
        click.echo(json.dumps({"policies": [p.id for p in policies], "mistakes": said}, indent=2))
        raise click.exceptions.Exit(2 if mistakes else 0)
    raise_mistakes(mistakes)
    for policy in policies:
        click.echo(printable(f"{policy.status:<7}{policy.id:<36}{policy.title}"))
    click.echo(f"{_many(len(policies), 'policy', 'policies')} checked, no mistakes.", err=True)


@command.command("test")
@_PATHS
@_JSON
@_CONFIG
def test(paths: tuple[Path, ...], as_json: bool, config: Path | None) -> None:
    """Run the tests that policies carry; exit 1 if one fails."""
    from crossfix.policy.trial import try_policy

    policies = _load(paths, config)
    trials = [trial for policy in policies for trial in try_policy(policy)]
    failed = [trial for trial in trials if not trial.passed]
    if as_json:
        rows = [
            {"policy": t.policy, "test": t.case, "path": t.path, "line": t.line,
             "passed": t.passed, "failures": t.failures, "first_hit": t.first,
             "evidence": t.evidence}
            for t in trials
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        raise click.exceptions.Exit(1 if failed else 0)
    for trial in trials:
        mark = "ok    " if trial.passed else "FAILED"
        click.echo(printable(f"{mark} {trial.policy}: {trial.case}"))
        for failure in trial.failures:
            click.echo(printable(f"       {trial.path}:{trial.line}: {failure}"))
        if failed and trial in failed and trial.evidence:
            for said, value in trial.evidence.items():
                click.echo(printable(f"       {said} = {value}"))
    without = [p.id for p in policies if not p.tests]
    if without:
        click.echo(printable(f"Without tests: {', '.join(without)}."), err=True)
    click.echo(f"{_many(len(trials), 'test', 'tests')}, {len(failed)} failed.", err=True)
    raise click.exceptions.Exit(1 if failed else 0)


def _given(paths: tuple[Path, ...], config: Path | None) -> tuple[Path, ...]:
    """Return the paths, or the folder of the settings, or the starter pack."""
    if paths:
        return paths
    from crossfix.config import load_settings
    from crossfix.policy import STARTER

    return (load_settings(config).policy.directory or STARTER,)


def _load(paths: tuple[Path, ...], config: Path | None) -> list[Policy]:
    from crossfix.policy import load_policies

    return load_policies(_given(paths, config))


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
