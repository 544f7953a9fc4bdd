"""The scenarios by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from crossfix.errors import SettingError
from crossfix.scenarios.benign import (
    Fans,
    Mornings,
    Newsroom,
    Viral,
    add_fans,
    add_mornings,
    add_newsrooms,
    add_viral,
)
from crossfix.scenarios.exports import write_exports
from crossfix.scenarios.operations import TACTICS, add_operation
from crossfix.scenarios.people import People, live
from crossfix.scenarios.world import World
from crossfix.scenarios.writing import Report, write_world

MOST_POSTS = 50_000_000
_SMALL = 60_000


@dataclass(frozen=True)
class Scenario:
    """A kind of world: what is in it, in a sentence, how it is made and how it is written."""

    name: str
    about: str
    build: Callable[[World], None]
    write: Callable[[World, Path, Report], list[Path]] = write_world


def build(name: str, posts: int, seed: int, *, days: int = 30) -> World:
    """Make a world with ``posts`` posts in ``days``; the same arguments give the same world.

    Raises:
        SettingError: there is no such scenario, or the number of posts is out of range.
        InputError: the scenario needs more posts than asked for.
    """
    if name not in SCENARIOS:
        raise SettingError(
            f"there is no scenario {name!r}", hint=f"Known scenarios: {', '.join(SCENARIOS)}."
        )
    if not 100 <= posts <= MOST_POSTS:
        raise SettingError(f"a world has from 100 to {MOST_POSTS:,} posts, not {posts:,}")
    if seed < 0:
        raise SettingError(f"a seed is a number from 0, not {seed}")
    if not 5 <= days <= 366:
        raise SettingError(f"a world lasts from 5 to 366 days, not {days}")
    world = World(name, posts, seed, days=days)
    SCENARIOS[name].build(world)
    return world


def _ordinary(world: World) -> None:
    live(world, People())


def _fans(world: World) -> None:
    add_fans(world, _fewer_fans(world))
    live(world, People())


def _newsroom(world: World) -> None:
    add_newsrooms(world, _fewer_stories(world))
    live(world, People())


def _viral(world: World) -> None:
    with_viral(world, Viral())


def _timezones(world: World) -> None:
    mornings = Mornings()
    world.reserved = int(world.wanted * mornings.share_of_posts)
    live(world, People(daily_spread_hours=1.4))
    add_mornings(world, mornings)


def _tactic(name: str) -> Callable[[World], None]:
    def one(world: World) -> None:
        add_operation(world, TACTICS[name])
        live(world, People())

    return one


def _operations(world: World) -> None:
    add_fans(world, _fewer_fans(world))
    add_newsrooms(world, _fewer_stories(world))
    for operation in TACTICS.values():
        add_operation(world, operation)
    with_viral(world, Viral(share_of_posts=0.06))


def _demo(world: World) -> None:
    add_fans(world, Fans(communities=1, accounts=30, organic_posts=12))
    add_newsrooms(world, Newsroom(families=1, pages=8, stories=25, own_posts=8))
    add_operation(world, replace(TACTICS["crossservice"], services=(0, 1, 2), accounts=18))
    add_operation(world, replace(TACTICS["amplify"], accounts=14))
    with_viral(world, Viral(share_of_posts=0.05), People(service_shares=(0.6, 0.2, 0.2, 0.0)))


def with_viral(world: World, viral: Viral, people: People | None = None) -> None:
    """Let everybody live and then share one piece of news."""
    world.reserved = int(world.wanted * viral.share_of_posts)
    live(world, people or People())
    add_viral(world, viral)


def _fewer_fans(world: World) -> Fans:
    """Return fan communities that leave a small world room for others."""
    fans = Fans(communities=max(1, min(2 * world.wanted // 100_000, 40)))
    return fans if world.wanted >= _SMALL else replace(fans, accounts=20, organic_posts=8)


def _fewer_stories(world: World) -> Newsroom:
    newsroom = Newsroom(families=max(1, min(2 * world.wanted // 100_000, 40)))
    return newsroom if world.wanted >= _SMALL else replace(newsroom, stories=15, own_posts=6)


SCENARIOS: dict[str, Scenario] = {
    s.name: s
    for s in (
        Scenario("ordinary", "People who each live for themselves: nothing is coordinated.",
                 _ordinary),
        Scenario("fans", "Communities that share the same popular things at organic times.", _fans),
        Scenario("newsroom", "Page families that post a story within seconds: no operation.",
                 _newsroom),
        Scenario("viral", "One piece of news that a large part of everyone shares.", _viral),
        Scenario("timezones", "Whole regions awake, and sharing, in the same few hours.",
                 _timezones),
        Scenario("fast", "An operation that copies and pastes within a minute.", _tactic("fast")),
        Scenario("slow", "An operation that spreads rare links over six hours.", _tactic("slow")),
        Scenario("partial", "An operation of which four in ten take part in each message.",
                 _tactic("partial")),
        Scenario("camouflaged", "An operation with 30 ordinary posts for each of its own.",
                 _tactic("camouflaged")),
        Scenario("crossservice", "An operation with different handles on four services.",
                 _tactic("crossservice")),
        Scenario("paraphrase", "An operation that says the same in other words each time.",
                 _tactic("paraphrase")),
        Scenario("amplify", "An operation that reposts its lead account within minutes.",
                 _tactic("amplify")),
        Scenario("operations", "All operations amid fans, newsrooms and viral news.", _operations),
        Scenario("demo", "A small world beside a model, for the tutorial.", _demo,
                 write_exports),
    )
}  # fmt: skip
