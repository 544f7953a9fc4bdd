"""``crossfix demo``: the main job from end to end on a generated world."""

from __future__ import annotations

from pathlib import Path

import click

POSTS = 20_000


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True,
              metavar="DIR", help="The folder for the world and what is found.")  # fmt: skip
@click.option("--posts", type=click.IntRange(2_000, 1_000_000), default=POSTS, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True,
              help="The seed of the world.")  # fmt: skip
def command(out: Path, posts: int, seed: int) -> None:
    """Make a small world with ground truth, hunt through it, and say what was found and missed.

    Three social services and the log of an AI service; two operations, a newsroom, a fan club and
    viral news among ordinary people. The report is DIR/found/report.html.
    """
    from crossfix.cli.hunt import command as hunt
    from crossfix.scenarios.registry import SCENARIOS, build

    world, found = out / "world", out / "found"
    click.echo(f"Making a world of {posts:,} posts in {world} ...", err=True)
    scenario = SCENARIOS["demo"]
    paths = scenario.write(build("demo", posts, seed), world, lambda more: None)
    read = [str(p) for p in paths if p.name not in ("labels.csv", "world.json")]
    click.echo(f"$ crossfix hunt {' '.join(read)} --out {found}", err=True)
    hunt.main(
        [*read, "--out", str(found), "--seed", str(seed)], standalone_mode=False,
        prog_name="crossfix hunt",
    )  # fmt: skip
    for line in against_truth(world / "labels.csv", found / "accounts.csv"):
        click.echo(line)
    click.echo(f"Open {found / 'report.html'} in a browser.")


def against_truth(labels: Path, accounts: Path) -> list[str]:
    """Compare the hunt with the world's ground truth, a line for each group of accounts."""
    import csv
    from collections import defaultdict

    with accounts.open(encoding="utf-8", newline="") as file:
        campaigns = {row["account"]: row["campaign"] for row in csv.DictReader(file)}
    groups: dict[str, list[str]] = defaultdict(list)
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            account = f"{row['service']}:{row['account']}"
            groups[row["operation"] or row["kind"]].append(campaigns.get(account, ""))
    width = max(map(len, groups), default=0)
    lines = ["", "Ground truth beside what was found:"]
    for name, found in sorted(groups.items()):
        inside = [c for c in found if c]
        where = ", ".join(sorted(set(inside))) or "no campaign"
        all_of = f"{len(found):>4} account{'s' if len(found) != 1 else ''}"
        lines.append(f"  {name:{width}}  {len(inside):>4} of {all_of} in {where}")
    return lines
