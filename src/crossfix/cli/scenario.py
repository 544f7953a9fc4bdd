"""``crossfix scenario``: write a generated world with ground truth."""

from __future__ import annotations

from pathlib import Path

import click

from crossfix.counted import counted


@click.command()
@click.argument("name", required=False)
@click.option("--posts", type=int, help="How many posts; 100,000, or 2,000 around a case.")
@click.option("--days", type=int, help="How many days they span; 30, or 14 of a case.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@click.option("--set", "given", multiple=True, metavar="NAME=NUMBER",
              help="A parameter of a case after a published one, as in --set paraphrase=0.5; "
                   "may be given several times.")  # fmt: skip
@click.option("--list", "show", is_flag=True, help="List the scenarios and stop.")
def command(
    name: str | None, posts: int | None, days: int | None, seed: int, out: Path | None,
    given: tuple[str, ...], show: bool,
) -> None:  # fmt: skip
    """Generate a world with ground truth.

    Writes the posts, labels.csv (what is true about each account) and world.json (what the world
    was made from) to the folder, and their paths to stdout. The world of a case after a published
    one has logs of two AI services too, and chains.csv: which completion became which post.
    """
    from crossfix.scenarios.cases import CASES
    from crossfix.scenarios.registry import SCENARIOS

    if show:
        for scenario in SCENARIOS.values():
            click.echo(f"{scenario.name:<14}{scenario.about}")
        for case in CASES.values():
            click.echo(f"{case.name:<14}{case.about}")
        return
    if name is None or out is None:
        missing = "the name of a scenario" if name is None else "--out DIR"
        raise click.UsageError(f"Missing {missing}. `crossfix scenario --list` lists scenarios.")
    if name in CASES:
        paths = _write_case(name, posts or 2_000, days or 14, seed, out, given)
    elif given:
        raise click.UsageError("--set is for cases; `crossfix scenario --list` lists them.")
    else:
        paths = _write(name, 100_000 if posts is None else posts, days or 30, seed, out)
    for path in paths:
        click.echo(path)


def _write_case(
    name: str, size: int, days: int, seed: int, out: Path, given: tuple[str, ...]
) -> list[Path]:
    """Build and write the world of a case, saying on stderr what it is."""
    from crossfix.campaigns.output.staging import staged
    from crossfix.scenarios.cases import build
    from crossfix.scenarios.cases.exports import write_case
    from crossfix.scenarios.cases.registry import with_parameters

    world = build(name, size, seed, with_parameters(name, given), days=days)
    with staged(out) as stage:
        paths = [out / path.relative_to(stage) for path in write_case(world, stage)]
    groups = ", ".join((*world.operations, *world.benign_groups))
    click.echo(
        f"{name}: {counted(len(world.events), 'event')} by"
        f" {counted(len(world.accounts), 'account')}, {counted(len(world.steps), 'step')} of"
        f" outputs (group {groups}), seed {seed}",
        err=True,
    )
    return paths


def _write(name: str, posts: int, days: int, seed: int, out: Path) -> list[Path]:
    """Build and write the world, saying on stderr what it is."""
    from rich.console import Console
    from rich.progress import Progress

    from crossfix.campaigns.output.staging import staged
    from crossfix.scenarios.registry import SCENARIOS, build
    from crossfix.scenarios.writing import description

    talk = Console(stderr=True, highlight=False)
    world = build(name, posts, seed, days=days)
    with staged(out) as stage, Progress(console=talk, transient=True) as progress:
        task = progress.add_task("Writing posts", total=len(world.posts))
        made = SCENARIOS[name].write(world, stage, lambda more: progress.advance(task, more))
        paths = [out / path.relative_to(stage) for path in made]
    facts = description(world)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in facts["accounts_by_kind"].items())
    click.echo(
        f"{name}: {counted(facts['posts'], 'post')} in {counted(world.days, 'day')}"
        f" by {counted(facts['accounts'], 'account')}"
        f" ({kinds}), seed {seed}",
        err=True,
    )
    return paths
