"""``crossfix demo``: the main job from end to end, from prompt to fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossfix.counted import counted

if TYPE_CHECKING:
    from datetime import datetime

    from crossfix.cli.demo_gateway import Gateway
    from crossfix.scenarios.cases.story import Story

SIZE = 1_200
TAKEN_OVER_SECONDS = 15.0
"""The gateway looks for new fingerprints every few seconds; the demo waits at most so long."""


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True,
              metavar="DIR", help="The folder for the world and what is found.")  # fmt: skip
@click.option("--posts", type=click.IntRange(300, 100_000), default=SIZE, show_default=True,
              help="How many posts and calls of ordinary people there are.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True,
              help="The seed of the world.")  # fmt: skip
def command(out: Path, posts: int, seed: int) -> None:
    """Play an operation that uses a model, find it, and have the guard stop its next wave.

    The gateway runs in a process of its own, before a model that plays a script. An operation and
    an honest agency ask it for drafts, post them on three platforms, and are hunted for. What the
    operation's campaign is recognised by goes to the guard, which then meets the next prompts. The
    report is DIR/found/report.html.
    """
    from datetime import UTC, datetime

    from crossfix.scenarios.cases.story import build_story

    world, found, data = out / "world", out / "found", out / "data"
    _empty(data)
    story = build_story(datetime.now(UTC), posts, seed)
    with ExitStack() as stack:
        where = _serve(stack, story, data, out / "gateway.log")
        if where:
            _first_wave(where, story)
        events = _gather(story, world, data, through_gateway=bool(where))
        _run("hunt", [str(events), "--out", str(found), "--seed", str(seed), "--remember",
                      "--data", str(data)])  # fmt: skip
        for line in against_truth(world / "labels.csv", found):
            click.echo(line)
        _give_back(where, story, world / "labels.csv", found, data)
    click.echo(f"\nOpen {found / 'report.html'} in a browser. What is true is in {world}.")


def _give_back(where: Gateway | None, story: Story, labels: Path, found: Path, data: Path) -> None:
    """Confirm the operation's campaign, and show what the guard then makes of the next wave."""
    campaign = _campaign_of(labels, found)
    if campaign is None:
        click.echo("\nThe operation was not found in this world: try another --seed.")
        return
    if not where:
        return
    _step("A person has looked at the report and confirms the campaign:")
    _run("campaigns", ["confirm", campaign, "--why", "demo", "--data", str(data)])
    _next_wave(where, story)


def _empty(data: Path) -> None:
    """Remove what an earlier demo left: only in a folder that one made."""
    import shutil

    from crossfix.errors import InputError

    mark = data / "made-by-demo"
    if data.exists() and any(data.iterdir()) and not mark.exists():
        raise InputError("this folder has data that no demo made", path=str(data),
                         hint="Name another folder with --out.")  # fmt: skip
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    mark.touch()


def _step(what: str) -> None:
    click.echo(f"\n{what}", err=True)


def _serve(stack: ExitStack, story: Story, data: Path, said: Path) -> Gateway | None:
    """Start the scripted model and the gateway before it; None without the guard's packages."""
    from crossfix.cli.demo_gateway import gateway, scripted_model
    from crossfix.errors import MissingExtraError
    from crossfix.extras import need
    from crossfix.scenarios.cases.story import BEHIND_GATEWAY

    try:
        need("guard")
    except MissingExtraError as missing:
        _step(f"The gateway is left out. {missing.message} {missing.hint}")
        return None
    _step("The gateway starts before a model that plays a script:")
    key = _key(data)
    upstream = stack.enter_context(scripted_model(story.answers))
    click.echo(f"$ crossfix serve --upstream {upstream} --data {data}", err=True)
    return stack.enter_context(gateway(upstream, BEHIND_GATEWAY, key, data, said))


def _key(data: Path) -> str:
    """Make a key for an application that says which of its users asks; return its secret."""
    import secrets
    from datetime import UTC, datetime

    from crossfix.cli.opening import opened_registry
    from crossfix.guard.identity import checked_sources
    from crossfix.guard.keys import SECRET_BYTES, new_key
    from crossfix.store.registry import KeyTable

    click.echo(f"$ crossfix keys create demo --identity field:user --data {data}", err=True)
    secret, key = new_key(
        secrets.token_bytes(SECRET_BYTES), now=datetime.now(UTC), name="demo", role="application",
        organisation=None, identity=checked_sources(["field:user"]), lasts=None,
    )  # fmt: skip
    with opened_registry(data, None) as (registry, _):
        KeyTable(registry).create(key)
    return secret


def _first_wave(where: Gateway, story: Story) -> None:
    """Send today's calls through the gateway."""
    from collections import Counter

    decided: Counter[str] = Counter()
    for event in story.today:
        user = event.account.partition(":")[2]
        decided[where.ask(user, event.text or "", event.attributes["ip"]).decision] += 1
    decisions = ", ".join(f"{count} {name}" for name, count in sorted(decided.items()))
    click.echo(f"{counted(len(story.today), 'prompt')} went through it: {decisions}.", err=True)


def _gather(story: Story, world: Path, data: Path, *, through_gateway: bool) -> Path:
    """Bring the posts to the log, where the gateway's events are; return all of it as a file."""
    from crossfix.scenarios.cases.exports import TRUTH, write_case

    join = ", join the gateway's events in the log:" if through_gateway else ", go to the log:"
    _step("Drafts become posts on three platforms. Their exports, and logs of two AI services"
          + join)  # fmt: skip
    told = story.files_until() if through_gateway else story.world
    paths = [str(path) for path in write_case(told, world) if path.name not in TRUTH]
    _run("ingest", [*paths, "--data", str(data)])
    if through_gateway:
        wait_for_log(data, since=story.until, calls=len(story.today))
    events = world / "events.jsonl"
    _run("export", ["--out", str(events), "--data", str(data)])
    return events


def wait_for_log(data: Path, since: datetime, calls: int) -> None:
    """Wait until what the gateway has seen is in the log: it writes a moment later."""
    from crossfix.cli.demo_gateway import wait_for
    from crossfix.config import load_settings
    from crossfix.store.kept import kept_log

    settings = load_settings(None, arguments={"data_directory": data})

    def look() -> bool:
        with kept_log(settings) as log:
            batches = log.read(since=since)
            seen = [action for b in batches for action in b.column("action").to_pylist()]
            return bool(seen.count("decision") >= calls)

    wait_for(look, TAKEN_OVER_SECONDS)


def _run(verb: str, arguments: list[str]) -> None:
    """Say a command and run it in this process."""
    from crossfix.cli import cli

    click.echo(f"$ crossfix {verb} {' '.join(arguments)}", err=True)
    cli.main([verb, *arguments], standalone_mode=False, prog_name="crossfix")


def _next_wave(where: Gateway, story: Story) -> None:
    """Let a new account ask for more of the same, and a stranger for something else."""
    from crossfix.cli.demo_gateway import wait_for

    _step("The next day, a new account of the operation asks for more of the same:")
    asked = list(story.next_wave)
    user, prompt = asked.pop(0)
    first = wait_for(_not_allowed(lambda: where.ask(user, prompt)), TAKEN_OVER_SECONDS)
    answers = [first or where.ask(user, prompt), *(where.ask(*each) for each in asked)]
    for (_, said), answer in zip(story.next_wave, answers, strict=True):
        click.echo(f"  {answer.decision:<10}{_why(answer.body):<30}{said.splitlines()[0][:70]}")
    stranger = where.ask(*story.stranger)
    click.echo(
        f"  {stranger.decision:<10}{'a stranger':<30}{story.stranger[1].splitlines()[0][:70]}"
    )


def _not_allowed(asking: Callable[[], Any]) -> Callable[[], Any]:
    def look() -> Any:
        answer = asking()
        return None if answer.decision == "allow" else answer

    return look


def _why(body: dict[str, Any]) -> str:
    """Return the code of a refusal."""
    return str(body.get("error", {}).get("code", ""))


def against_truth(labels: Path, found: Path) -> list[str]:
    """Compare a hunt's folder with the world's ground truth, a line for each group of accounts."""
    groups: dict[str, list[str]] = {}
    for row, campaign in _beside(labels, found):
        name = row["operation"] or row.get("group") or row["kind"]
        groups.setdefault(name, []).append(campaign)
    scores = _scores(found)
    width = max(map(len, groups), default=0)
    lines = ["", "Ground truth beside what was found:"]
    for name, campaigns in sorted(groups.items()):
        inside = sorted({c for c in campaigns if c})
        where = ", ".join(f"{c}{scores.get(c, '')}" for c in inside) or "no campaign"
        all_of = f"{len(campaigns):>4} account{'s' if len(campaigns) != 1 else ''}"
        lines.append(f"  {name:{width}}  {sum(map(bool, campaigns)):>4} of {all_of} in {where}")
    return lines


def _scores(found: Path) -> dict[str, str]:
    """Return each campaign's two scores in words."""
    import json

    if not (found / "campaigns.jsonl").exists():
        return {}
    with (found / "campaigns.jsonl").open(encoding="utf-8") as lines:
        campaigns = [json.loads(line) for line in lines]
    return {
        c[
            "id"
        ]: f" (coordination {c['coordination']:.2f}, inauthenticity {c['inauthenticity']:.2f})"
        for c in campaigns
    }


def _beside(labels: Path, found: Path) -> Iterable[tuple[dict[str, str], str]]:
    """Yield each labelled account with its campaign or ''."""
    import csv

    with (found / "accounts.csv").open(encoding="utf-8", newline="") as file:
        campaigns = {row["account"]: row["campaign"] for row in csv.DictReader(file)}
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row, campaigns.get(f"{row['service']}:{row['account']}", "")


def _campaign_of(labels: Path, found: Path) -> str | None:
    """Return the campaign that holds most accounts of the operation."""
    from collections import Counter

    inside = Counter(c for row, c in _beside(labels, found) if row["operation"] and c)
    return inside.most_common(1)[0][0] if inside else None
