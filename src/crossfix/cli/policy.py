"""``crossfix policy``: check, test, try on the past, explain and publish usage policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossfix.cli.opening import place_options
from crossfix.cli.policy_backtest import Moment
from crossfix.cli.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.policy import Policy

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_CONFIG = click.option("--config", type=click.Path(path_type=Path), metavar="FILE",
                       help="The settings file.")  # fmt: skip


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


@command.command("backtest")
@_PATHS
@click.option("--events", "files", multiple=True, metavar="FILE",
              help="A file of events, of any format that is read; may be given several times. "
              "Without it the event log is gone through.")  # fmt: skip
@click.option("--since", type=Moment(), help="Leave out what was received before.")
@click.option("--until", type=Moment(), help="Leave out what was received then or later.")
@click.option("--abusers", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              metavar="FILE", help="Accounts that are known to abuse, one a line: all others are "
              "good users.")  # fmt: skip
@click.option("--service", help="The service of the events of files.")
@click.option("--format", help="The format of the files; else each is recognised.")
@_JSON
@place_options
def backtest(
    paths: tuple[Path, ...],
    files: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    abusers: Path | None,
    service: str | None,
    format: str | None,
    as_json: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Try policies on the past: whom would they have met, and how many good users?

    Events are judged in the order in which they were received, drafts and shadow policies like
    live ones; nothing has any effect.
    """
    from crossfix.cli import policy_backtest
    from crossfix.config import load_settings
    from crossfix.policy.backtest import backtest as tried

    policies = _load(paths, config)
    settings = load_settings(config, arguments={"data_directory": data})
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    total, events = policy_backtest.past(files, settings, since, until, service, format)
    bad = policy_backtest.named(abusers)
    with policy_backtest.counted(total) as progress:
        found = tried(policies, events, abusers=bad, progress=progress)
    if as_json:
        click.echo(json.dumps(policy_backtest.as_json(found, bad), indent=2))
    else:
        policy_backtest.say(found, bad)


@command.command("explain")
@click.argument("asked", metavar="REFERENCE_OR_ACCOUNT")
@click.option("--most", type=click.IntRange(1, 10_000), default=10, show_default=True,
              help="How many decisions are shown, the newest first.")  # fmt: skip
@click.option("--language", default="en", show_default=True, help="The language of the texts.")
@_JSON
@place_options
def explain(
    asked: str, most: int, language: str, as_json: bool, data: Path | None, config: Path | None
) -> None:
    """Say why an account got what it got, from the decisions in the event log.

    Give the reference that the person was shown, or an account as service:name.
    """
    from crossfix.cli.policy_explain import as_rows, decisions_about, say
    from crossfix.config import load_settings
    from crossfix.errors import InputError
    from crossfix.policy.explain import explain as explained

    settings = load_settings(config, arguments={"data_directory": data})
    policies = _load((), config)
    found = explained(decisions_about(settings, asked), policies, asked, language)[:most]
    if not found:
        raise InputError(
            f"No decision in the log has the reference or is about the account {asked}.",
            hint="What was allowed without a reason is found by its reference alone.",
        )
    if as_json:
        click.echo(json.dumps(as_rows(found), indent=2))
    else:
        say(found)


@command.command("page")
@_PATHS
@click.option("--language", default="en", show_default=True, help="The language of the page.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="The file to write; without it the page is printed.")  # fmt: skip
@_CONFIG
def page(paths: tuple[Path, ...], language: str, out: Path | None, config: Path | None) -> None:
    """Write the live usage policies as a page for users, in their language."""
    from crossfix.policy.page import edition, usage_page

    policies = _load(paths, config)
    html = usage_page(policies, language)
    if out is None:
        click.echo(html, nl=False)
        return
    out.write_text(html, encoding="utf-8")
    click.echo(printable(str(out)))
    click.echo(f"edition {edition(policies)}", err=True)


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path, exists=True, dir_okay=False))  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The folder for the policies; without it they are printed.")  # fmt: skip
def adopt(files: tuple[Path, ...], out: Path | None) -> None:
    """Turn Sigma rules and correlations, and NOVA prompt rules, into policies.

    All become drafts. What of a rule cannot be said in a policy is said on standard error; exit 1
    if a rule could not be imported at all.
    """
    from crossfix.policy.adopt import adopt as adopted

    found = [(file, one) for file in files for one in adopted(file)]
    for number, (file, one) in enumerate(found):
        for note in one.notes:
            click.echo(printable(f"{file}: {one.rule}: {note}"), err=True)
        if one.text is None:
            click.echo(printable(f"{file}: {one.rule}: not imported"), err=True)
        elif out is None:
            click.echo(("---\n" if number else "") + one.text, nl=False)
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{one.id}.yaml").write_text(one.text, encoding="utf-8")
            click.echo(printable(str(out / f"{one.id}.yaml")))
    failed = sum(one.text is None for _, one in found)
    click.echo(f"{_many(len(found), 'rule', 'rules')}, {failed} not imported.", err=True)
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
