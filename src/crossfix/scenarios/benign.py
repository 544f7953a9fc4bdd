"""Those who act alike or together without being an operation: fans, newsrooms, viral news."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.scenarios.names import people_names, word
from crossfix.scenarios.people import awake, label
from crossfix.scenarios.world import DAY, HOUR, SECOND, START, TAGS, TOPICS, World

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Fans:
    """Communities that like the same things: each fan reposts the idol and shares what all like.

    Delays are log-normal with medians of hours, and fans sleep.
    """

    communities: int = 2
    accounts: int = 35
    links: int = 15
    link_participation: float = 0.7
    link_delay_seconds: float = 21_600.0
    idol_posts: int = 25
    repost_participation: float = 0.35
    repost_delay_seconds: float = 7200.0
    delay_sigma: float = 1.3
    organic_posts: int = 25


@dataclass(frozen=True)
class Newsroom:
    """Families of pages that post the same story within seconds: coordinated, authentic, public.

    ``edited_share`` of the posts were touched by a person before they went out.
    """

    families: int = 2
    pages: int = 10
    stories: int = 30
    jitter_seconds: float = 40.0
    edited_share: float = 0.4
    own_posts: int = 20


@dataclass(frozen=True)
class Viral:
    """One piece of news that a large part of everyone shares, all with one hashtag.

    Of the shares ``repost_share`` repost one of the ``first_posts``, ``button_share`` are the
    text that the site's own share button fills in, the rest are in people's own words.
    """

    share_of_posts: float = 0.12
    first_posts: int = 5
    delay_seconds: float = 18_000.0
    delay_sigma: float = 1.1
    repost_share: float = 0.5
    button_share: float = 0.2


@dataclass(frozen=True)
class Mornings:
    """Everybody of a zone sees the same morning links: many share them in the same two hours."""

    share_of_posts: float = 0.15
    links_per_morning: int = 4
    hour: float = 7.5
    delay_seconds: float = 2400.0
    delay_sigma: float = 0.8


def add_fans(world: World, fans: Fans) -> None:
    """Add fan communities and what they post as fans."""
    for number in range(fans.communities):
        rng = world.rng
        language = int(rng.integers(5))
        topic = language * TOPICS + int(rng.integers(3))
        rows = _members(world, fans.accounts + 1, language, topic, fans.organic_posts)
        handles, displays = people_names(rng, len(rows), int(rows[0]))
        label(world, len(rows), handles, displays, kind="fans", role="fan")
        idol, crowd = rows[0], rows[1:]
        world.accounts["followers"][idol] = 400_000
        world.names.role[idol] = "idol"
        liked = world.links.add(
            START + rng.uniform(0, world.days - 3, fans.links) * DAY, topic, 60.0,
            int(rng.integers(1, 60)),
        )  # fmt: skip
        fan, link = _takes_part(world, crowd, fans.links, fans.link_participation)
        delay = _delays(world, fans.link_delay_seconds, fans.delay_sigma, len(fan))
        time = awake(world, fan, world.links.born[liked][link] + delay)
        world.write(fan, time, url=liked[link], tag=topic * TAGS + 30 + number % 9, topic=topic)
        posted = world.write(
            np.full(fans.idol_posts, idol),
            START + (rng.uniform(0, world.days - 2, fans.idol_posts) * DAY).astype(np.int64),
            topic=topic,
        )
        fan, post = _takes_part(world, crowd, fans.idol_posts, fans.repost_participation)
        delay = _delays(world, fans.repost_delay_seconds, fans.delay_sigma, len(fan))
        time = awake(world, fan, world.posts["time"][posted][post] + delay)
        world.repost(fan, time, posted[post])
    world.note(fans)


def add_newsrooms(world: World, newsroom: Newsroom) -> None:
    """Add page families and their stories."""
    rng = world.rng
    for _ in range(newsroom.families):
        language = int(rng.integers(5))
        topic = language * TOPICS + int(rng.integers(TOPICS))
        rows = _members(world, newsroom.pages, language, topic, newsroom.own_posts)
        brand = word(rng, 2)
        towns = [word(rng, 2) for _ in rows]
        handles = [f"{brand}_{t}_{i}" for t, i in zip(towns, rows.tolist(), strict=True)]
        displays = [f"{brand.title()} {t.title()}" for t in towns]
        persons = [f"p-{brand}-{rows[0]}"] * len(rows)
        label(world, len(rows), handles, displays, kind="newsroom", role="page", persons=persons)
        accounts = world.accounts
        accounts["followers"][rows] = rng.lognormal(np.log(40_000), 0.8, len(rows))
        accounts["created"][rows] = START - rng.uniform(8, 16, len(rows)) * 365 * DAY
        accounts["verified"][rows] = True
        day = rng.integers(0, world.days, newsroom.stories) * DAY
        hour = (rng.uniform(6, 22, newsroom.stories) * HOUR).astype(np.int64)
        release = START + day + hour
        links = world.links.add(release, topic, 6.0, world.new_site())
        texts = rng.integers(2**63, size=newsroom.stories, dtype=np.uint64)
        page, story = _takes_part(world, rows, newsroom.stories, 0.95)
        edited = rng.random(len(page)) < newsroom.edited_share
        world.write(
            page,
            release[story] + rng.uniform(0, newsroom.jitter_seconds * SECOND, len(page)),
            text=texts[story], variant=np.where(edited, page, 0), url=links[story],
            sentences=2, topic=topic,
        )  # fmt: skip
    world.note(newsroom)


def add_viral(world: World, viral: Viral) -> None:
    """Let a large part of everyone share one piece of news; call after ordinary life."""
    count = world.reserved
    rng = world.rng
    weight = np.maximum(world.accounts["weight"], 0) ** 0.5
    account = rng.choice(len(weight), count, p=weight / weight.sum())
    born = START + int(world.days * 0.4) * DAY + 11 * HOUR
    link = world.links.add(born, 0, 0.0, 3)[0]
    first = world.write(
        account[: viral.first_posts], np.full(min(viral.first_posts, count), born),
        url=link, tag=TAGS - 1, sentences=2,
    )  # fmt: skip
    account = account[viral.first_posts :]
    delay = _delays(world, viral.delay_seconds, viral.delay_sigma, len(account))
    time = awake(world, account, born + 60 * SECOND + delay)
    how = rng.random(len(account))
    again = how < viral.repost_share
    button = ~again & (how < viral.repost_share + viral.button_share)
    original = rng.choice(first, len(account))
    author = world.posts["account"][original]
    service = world.accounts["service"]
    again &= (author != account) & (service[author] == service[account])
    world.repost(account[again], time[again], original[again])
    own = ~again & ~button
    shared = {"url": link, "tag": TAGS - 1}
    text = world.posts["text"][first[0]]
    language = world.posts["language"][first[0]]
    world.write(account[button], time[button], text=text, language=language, sentences=2, **shared)
    world.write(account[own], time[own], **shared)
    world.note(viral)


def add_mornings(world: World, mornings: Mornings) -> None:
    """Let people of each language share the same links each morning; call after ordinary life."""
    rng = world.rng
    of = world.accounts
    weight = np.maximum(of["weight"], 0)
    account = rng.choice(len(weight), world.reserved, p=weight / weight.sum())
    day = rng.integers(0, world.days, len(account))
    language = of["language"][account].astype(np.int64)
    mornings_made = 5 * world.days
    links = world.links.add(
        START + np.repeat(np.tile(np.arange(world.days), 5), mornings.links_per_morning) * DAY,
        0, 0.0, 7,
    )  # fmt: skip
    which = rng.integers(0, mornings.links_per_morning, len(account))
    at = (language * world.days + day) * mornings.links_per_morning + which
    local = (mornings.hour - of["zone"][account]) * HOUR
    delay = _delays(world, mornings.delay_seconds, mornings.delay_sigma, len(account))
    world.write(account, START + day * DAY + local.astype(np.int64) + delay, url=links[at])
    world.note(mornings, mornings=mornings_made)


def _members(world: World, count: int, language: int, topic: int, organic: int) -> Indices:
    """Add the accounts of one community: people, apart from what they have in common."""
    rng = world.rng
    zone = (-5.0, 1.0, -3.0, 3.0, 9.0)[language]
    return world.accounts.add(
        count, service=0, language=language, zone=zone + rng.integers(-1, 2, count),
        peak=19 + rng.normal(0, 2, count), spread=3.5, topic=topic,
        second_topic=language * TOPICS + rng.integers(0, TOPICS, count), weight=0.0,
        organic=np.maximum(rng.poisson(organic, count), 1),
        created=START - (rng.uniform(0.5, 10, count) * 365 * DAY).astype(np.int64),
        followers=rng.lognormal(np.log(250), 1.2, count), verified=False,
    )  # fmt: skip


def _takes_part(
    world: World, accounts: Indices, things: int, participation: float
) -> tuple[Indices, Indices]:
    """Return who takes part in what, each pair with the same chance."""
    who, what = np.nonzero(world.rng.random((len(accounts), things)) < participation)
    return accounts[who], what


def _delays(world: World, seconds: float, sigma: float, count: int) -> Indices:
    delays: Indices = world.rng.lognormal(np.log(seconds * SECOND), sigma, count).astype(np.int64)
    return delays
