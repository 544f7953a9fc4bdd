"""``crossfix scenario``: write a generated world with ground truth."""

from __future__ import annotations

from pathlib import Path

import click

from crossfix.counted import counted


@click.command()
@click.argument("name", required=False)
@click.option("--posts", default=100_000, show_default=True, help="How many posts.")
@click.option("--days", default=30, show_default=True, help="How many days they span.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same bytes.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write to.")
@click.option("--list", "show", is_flag=True, help="List the scenarios and stop.")
def command(
    name: str | None, posts: int, days: int, seed: int, out: Path | None, show: bool
) -> None:
    """Generate a world with ground truth.

    Writes the posts, labels.csv (what is true about each account) and world.json (what the world
    was made from) to the folder, and their paths to stdout.
    """
    from crossfix.scenarios.registry import SCENARIOS

    if show:
        for scenario in SCENARIOS.values():
            click.echo(f"{scenario.name:<14}{scenario.about}")
        return
    if name is None or out is None:
        missing = "the name of a scenario" if name is None else "--out DIR"
        raise click.UsageError(f"Missing {missing}. `crossfix scenario --list` lists scenarios.")
    for path in _write(name, posts, days, seed, out):
        click.echo(path)


def _write(name: str, posts: int, days: int, seed: int, out: Path) -> list[Path]:
    """Build and write the world, saying on stderr what it is."""
    from rich.console import Console
    from rich.progress import Progress

    from crossfix.errors import OutsideError
    from crossfix.scenarios.registry import SCENARIOS, build
    from crossfix.scenarios.writing import description

    talk = Console(stderr=True, highlight=False)
    world = build(name, posts, seed, days=days)
    try:
        with Progress(console=talk, transient=True) as progress:
            task = progress.add_task("Writing posts", total=len(world.posts))
            paths = SCENARIOS[name].write(world, out, lambda more: progress.advance(task, more))
    except OSError as e:
        raise OutsideError(f"the world cannot be written: {e.strerror}", path=str(out)) from e
    facts = description(world)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in facts["accounts_by_kind"].items())
    click.echo(
        f"{name}: {counted(facts['posts'], 'post')} in {counted(world.days, 'day')}"
        f" by {counted(facts['accounts'], 'account')}"
        f" ({kinds}), seed {seed}",
        err=True,
    )
    return paths
