"""Operations: accounts run as one, each tactic with its parameters in sight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crossfix.scenarios.names import people_names, template_names
from crossfix.scenarios.people import label
from crossfix.scenarios.world import DAY, HOUR, SECOND, START, TAGS, TOPICS, World

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Operation:
    """One tactic.

    A message goes out at a release; each account takes part with probability ``participation``,
    after a delay uniform within ``window_seconds``. ``text`` is the same for all, paraphrased by
    each, or each account's own; ``links`` are the operation's own rare links, popular ones of
    everybody, or none; with ``reposts`` the first account posts and the others repost. Each
    campaign post is hidden among ``camouflage`` ordinary ones. Accounts were made within
    ``creation_days``, at most ``age_days`` ago; ``template_names`` of them (a share) are named by
    a script. ``regularity`` is the share of releases on the full quarter of an hour.
    """

    tactic: str
    accounts: int = 14
    messages: int = 40
    window_seconds: float = 60.0
    participation: float = 1.0
    camouflage: float = 2.0
    text: Literal["copied", "paraphrased", "own"] = "copied"
    links: Literal["own", "popular", "none"] = "own"
    link_share: float = 0.7
    reposts: bool = False
    services: tuple[int, ...] = (0,)
    age_days: float = 240.0
    creation_days: float = 12.0
    template_names: float = 0.8
    regularity: float = 0.4


TACTICS: dict[str, Operation] = {
    "fast": Operation("fast", participation=0.9),
    "slow": Operation(
        "slow", messages=25, window_seconds=6 * 3600.0, participation=0.7, text="own",
        link_share=1.0, template_names=0.5, regularity=0.1, age_days=500.0, creation_days=60.0,
    ),
    "partial": Operation(
        "partial", accounts=20, messages=60, window_seconds=600.0, participation=0.4,
        text="paraphrased", link_share=0.8, regularity=0.3,
    ),
    "camouflaged": Operation(
        "camouflaged", accounts=12, messages=20, camouflage=30.0, text="own", links="popular",
        link_share=1.0, template_names=0.3, regularity=0.2, age_days=600.0, creation_days=90.0,
    ),
    "crossservice": Operation(
        "crossservice", accounts=16, window_seconds=2400.0, participation=0.7, text="paraphrased",
        services=(0, 1, 2, 3), template_names=0.5,
    ),
    "paraphrase": Operation(
        "paraphrase", window_seconds=3600.0, participation=0.8, text="paraphrased", links="none",
        template_names=0.4, regularity=0.1,
    ),
    "amplify": Operation(
        "amplify", accounts=18, window_seconds=300.0, participation=0.7, reposts=True,
        link_share=0.4, services=(0,),
    ),
}  # fmt: skip
"""The tactics by name."""

SHARE_OF_POSTS = 0.06
"""How much of a world one tactic may fill."""

FEWEST_MESSAGES = 6
POSTS_PER_CAMPAIGN = 250_000
"""A world has one campaign of a tactic for every so many posts."""


def add_operation(world: World, operation: Operation) -> None:
    """Add campaigns of one tactic, in number and size fit for the world."""
    campaigns = max(1, world.wanted // POSTS_PER_CAMPAIGN)
    sized = fitted(operation, world.wanted // campaigns)
    for number in range(campaigns):
        _campaign(world, sized, f"{operation.tactic}_{number}")
    world.note(sized, campaigns=campaigns)


def fitted(operation: Operation, posts: int) -> Operation:
    """Return the tactic with as many messages as its share of ``posts`` allows."""
    cost = operation.accounts * operation.participation * (1 + operation.camouflage)
    messages = int(np.clip(SHARE_OF_POSTS * posts / cost, FEWEST_MESSAGES, operation.messages))
    return replace(operation, messages=messages)


def _campaign(world: World, operation: Operation, name: str) -> None:
    """Add one campaign: its accounts and all that they post for it."""
    rng = world.rng
    language = int(rng.integers(5))
    topic = language * TOPICS + int(rng.integers(TOPICS))
    rows = _recruit(world, operation, name, language, topic)
    release = _releases(world, operation)
    linked = rng.random(operation.messages) < operation.link_share
    url = np.full(operation.messages, -1, np.int64)
    if operation.links == "own":
        url[linked] = world.links.add(release[linked], topic, 0.05, world.new_site())
    elif operation.links == "popular":
        url[linked], release[linked] = _popular(world, int(linked.sum()))
    text = rng.integers(2**63, size=operation.messages, dtype=np.uint64)
    tag = np.where(rng.random(operation.messages) < 0.3, topic * TAGS + TAGS - 2, -1)
    if operation.reposts:
        _amplify(world, operation, rows, release, url, tag)
        return
    chosen = rng.random((len(rows), operation.messages)) < operation.participation
    who, message = np.nonzero(chosen)
    delay = rng.uniform(0, operation.window_seconds * SECOND, len(who)).astype(np.int64)
    words: dict[str, Any] = {
        "copied": {"text": text[message], "sentences": 2},
        "paraphrased": {"text": text[message], "variant": rows[who] + 1, "sentences": 2},
        "own": {},
    }[operation.text]
    world.write(
        rows[who], release[message] + delay, url=url[message], tag=tag[message], topic=topic,
        **words,
    )  # fmt: skip


def _recruit(world: World, operation: Operation, name: str, language: int, topic: int) -> Indices:
    """Add the accounts: newer than most, few followers, hours of an office, names of a kind."""
    rng = world.rng
    count = operation.accounts
    posts = operation.messages * operation.participation * operation.camouflage
    made = START - rng.uniform(operation.creation_days + 5, operation.age_days) * DAY
    service = np.array(operation.services)[np.arange(count) % len(operation.services)]
    rows = world.accounts.add(
        count, service=service, language=language, zone=3.0, peak=13.0, spread=2.5, topic=topic,
        second_topic=language * TOPICS + rng.integers(0, TOPICS, count), weight=0.0,
        organic=np.maximum(rng.poisson(posts, count), 1),
        created=made + rng.uniform(0, operation.creation_days, count) * DAY,
        followers=rng.lognormal(np.log(70), 0.9, count), verified=False,
    )  # fmt: skip
    scripted = template_names(rng, count, int(rows[0]))
    human = people_names(rng, count, int(rows[0]))
    by_script = (rng.random(count) < operation.template_names).tolist()
    handles = [scripted[0][i] if s else human[0][i] for i, s in enumerate(by_script)]
    displays = [scripted[1][i] if s else human[1][i] for i, s in enumerate(by_script)]
    persona = [f"p-{name}-{i // len(operation.services)}" for i in range(count)]
    label(
        world, count, handles, displays, kind=operation.tactic, role="operation",
        operation=name, persons=persona,
    )  # fmt: skip
    return rows


def _releases(world: World, operation: Operation) -> Indices:
    """Return when messages go out: office hours, some on the quarter of an hour."""
    rng = world.rng
    day = rng.integers(0, world.days - 1, operation.messages) * DAY
    hour = rng.uniform(6, 17, operation.messages) * HOUR
    exact = rng.random(operation.messages) < operation.regularity
    hour = np.where(exact, hour // (HOUR // 4) * (HOUR // 4), hour)
    releases: Indices = np.sort(START + day + hour.astype(np.int64))
    return releases


def _popular(world: World, count: int) -> tuple[Indices, Indices]:
    """Return links that everybody shares, and a moment hours after each appeared."""
    links, rng = world.links, world.rng
    inside = np.flatnonzero((links.born > START) & (links.born < world.end - 2 * DAY))
    best = inside[np.argsort(-links.weight[inside], kind="stable")[: max(count, len(inside) // 50)]]
    chosen = rng.choice(best, count, replace=False)
    wait = rng.lognormal(np.log(4 * HOUR), 0.8, count).astype(np.int64)
    return chosen, links.born[chosen] + np.minimum(wait, 40 * HOUR)


def _amplify(
    world: World, operation: Operation, rows: Indices, release: Indices, url: Indices, tag: Indices
) -> None:
    """Let one account post and the others repost."""
    rng = world.rng
    lead = np.full(len(release), rows[0])
    posted = world.write(lead, release, url=url, tag=tag, sentences=2)
    chosen = rng.random((len(rows) - 1, len(release))) < operation.participation
    who, message = np.nonzero(chosen)
    delay = rng.uniform(2, operation.window_seconds, len(who)) * SECOND
    world.repost(rows[1:][who], release[message] + delay.astype(np.int64), posted[message])
