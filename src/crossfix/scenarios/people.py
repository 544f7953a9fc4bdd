"""Ordinary life: people who post, link, repost and answer, each for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossfix.errors import InputError
from crossfix.scenarios.names import people_names
from crossfix.scenarios.world import DAY, HOUR, SECOND, SERVICES, START, TAGS, TOPICS, World

Indices = NDArray[np.int64]

_LANGUAGE_SHARES = (0.45, 0.15, 0.2, 0.1, 0.1)
_ZONES = (-5.0, 1.0, -3.0, 3.0, 9.0)


@dataclass(frozen=True)
class People:
    """How ordinary people behave.

    ``posts_per_account`` is a mean with a heavy tail; shares are of all posts; delays are
    log-normal with the given median, in seconds. ``service_shares`` are of accounts, in the
    order of `SERVICES`.
    """

    posts_per_account: float = 20.0
    activity_tail: float = 1.3
    service_shares: tuple[float, ...] = (0.6, 0.12, 0.2, 0.08)
    repost_share: float = 0.28
    reply_share: float = 0.17
    link_share: float = 0.3
    tag_share: float = 0.25
    session_length: float = 2.5
    session_gap_seconds: float = 240.0
    repost_delay_seconds: float = 2400.0
    reply_delay_seconds: float = 900.0
    link_delay_seconds: float = 21_600.0
    delay_sigma: float = 1.5
    daily_spread_hours: float = 3.2


def add_people(world: World, people: People, count: int) -> Indices:
    """Add ``count`` ordinary people to the accounts; return their numbers."""
    rng = world.rng
    language = rng.choice(5, count, p=_LANGUAGE_SHARES)
    age = np.minimum(rng.lognormal(np.log(4.5 * 365), 0.8, count), 17 * 365)
    weight = np.minimum(rng.pareto(people.activity_tail, count) + 0.15, 150.0)
    handles, displays = people_names(rng, count, len(world.accounts))
    rows = world.accounts.add(
        count,
        service=rng.choice(len(SERVICES), count, p=people.service_shares),
        language=language,
        zone=np.array(_ZONES)[language] + rng.integers(-1, 2, count),
        peak=np.where(rng.random(count) < 0.6, 20.0, 12.0) + rng.normal(0, 2, count),
        spread=people.daily_spread_hours * rng.uniform(0.7, 1.5, count),
        topic=_topics(rng, language),
        second_topic=_topics(rng, language),
        weight=weight,
        organic=0,
        created=START - (age * DAY).astype(np.int64),
        followers=np.minimum(rng.lognormal(np.log(180), 1.5, count), 3e6).astype(np.int64),
        verified=rng.random(count) < 0.01,
    )
    label(world, count, handles, displays, kind="ordinary", role="person")
    return rows


def label(
    world: World, count: int, handles: list[str], displays: list[str], *, kind: str, role: str,
    operation: str = "", persons: list[str] | None = None,
) -> None:  # fmt: skip
    """Name the accounts just added and say what is true about them."""
    names = world.names
    names.handle += handles
    names.display += displays
    names.operation += [operation] * count
    names.kind += [kind] * count
    names.role += [role] * count
    names.person += persons if persons is not None else [f"p-{handle}" for handle in handles]


def live(world: World, people: People) -> Indices:
    """Let everybody live an ordinary life until the world has the posts it is to have.

    Accounts with ``organic`` set get that many posts; the rest falls to the others by their
    weight. Returns the new rows.

    Raises:
        InputError: the communities of the world already need more posts than wanted.
    """
    organic = np.maximum(world.accounts["organic"], 0)
    left = world.wanted - world.reserved - len(world.posts) - int(organic.sum())
    if left < 0:
        raise InputError(
            f"scenario {world.name!r} needs at least {world.wanted - left:,} posts with this seed",
            hint="Ask for more with --posts.",
        )
    add_people(world, people, max(12, int(left / people.posts_per_account)))
    world.note(people)
    organic = np.maximum(world.accounts["organic"], 0)
    weight = np.where(organic > 0, 0.0, np.maximum(world.accounts["weight"], 0))
    counts = organic + world.rng.multinomial(left, weight / weight.sum())
    account, time = _sessions(world, people, counts)
    return _contents(world, people, account, time)


def awake(world: World, account: Indices, time: Indices) -> Indices:
    """Put off to the morning what would fall into an account's night."""
    hour = (time / HOUR + world.accounts["zone"][account]) % 24
    wait = np.where(hour < 7, 7 - hour + world.rng.exponential(1.5, len(account)), 0.0)
    later: Indices = time + (wait * HOUR).astype(np.int64)
    return later


def _topics(rng: np.random.Generator, language: NDArray[Any]) -> Indices:
    """Choose a topic of the language, few topics with most people."""
    rank = np.minimum(rng.geometric(0.22, len(language)) - 1, TOPICS - 1)
    topics: Indices = language * TOPICS + rank
    return topics


def _sessions(world: World, people: People, counts: Indices) -> tuple[Indices, Indices]:
    """Place each account's posts in sittings at its own hours of the day."""
    rng = world.rng
    account = np.repeat(np.arange(len(counts)), counts)
    n = len(account)
    begins = rng.random(n) < 1 / people.session_length
    begins[np.flatnonzero(np.diff(account, prepend=-1))] = True
    first = np.flatnonzero(begins)
    session = np.cumsum(begins) - 1
    who = account[first]
    of = world.accounts
    day = rng.integers(0, world.days, len(first))
    quiet = (day % 7 >= 5) & (rng.random(len(first)) < 0.25)
    day = np.where(quiet, rng.integers(0, world.days, len(first)), day)
    hour = (of["peak"][who] + rng.normal(0, 1, len(first)) * of["spread"][who]) % 24
    start = START + day * DAY + (((hour - of["zone"][who]) % 24) * HOUR).astype(np.int64)
    gap = rng.exponential(people.session_gap_seconds * SECOND, n).astype(np.int64)
    gap[first] = 0
    run = np.cumsum(gap)
    time = start[session] + run - run[first][session]
    return account, np.minimum(time, world.end - 1)


def _contents(world: World, people: People, account: Indices, time: Indices) -> Indices:
    """Decide what each post is: a repost, an answer, or a post with or without link and tags."""
    rng = world.rng
    n = len(account)
    choice = rng.random(n)
    is_repost = choice < people.repost_share
    is_reply = ~is_repost & (choice < people.repost_share + people.reply_share)
    of = world.accounts
    topic = np.where(rng.random(n) < 0.6, of["topic"][account], of["second_topic"][account])
    own = np.flatnonzero(~is_repost)
    has_link = (rng.random(len(own)) < people.link_share) & ~is_reply[own]
    url = np.full(len(own), -1, np.int64)
    url[has_link] = _pick_links(world, people, topic[own][has_link], time[own][has_link])
    tagged = rng.random(len(own)) < people.tag_share
    tag = np.where(tagged, topic[own] * TAGS + _rank(rng, len(own)), -1)
    second = np.where(tagged & (rng.random(len(own)) < 0.35), tag // TAGS * TAGS, -1)
    second = np.where(second == tag, -1, second)
    rows = world.write(
        account[own], time[own], topic=topic[own], url=url, tag=tag, second_tag=second
    )
    pool = _Pool(world)
    _answer(world, people, pool, rows[is_reply[own]])
    _repost(world, people, pool, account[is_repost], time[is_repost], topic[is_repost])
    return np.arange(rows[0] if n else 0, len(world.posts))


def _rank(rng: np.random.Generator, count: int) -> Indices:
    ranks: Indices = (np.exp(rng.random(count) * np.log(TAGS + 1)) - 1).astype(np.int64)
    return ranks


class _Pool:
    """The posts that can be reposted or answered, by service and topic and then by time."""

    def __init__(self, world: World) -> None:
        posts, of = world.posts, world.accounts
        rows = np.flatnonzero(posts["repost"] < 0)
        group = of["service"][posts["account"][rows]].astype(np.int64) * 5 * TOPICS
        group += np.maximum(posts["topic"][rows], 0)
        order = np.lexsort((posts["time"][rows], group))
        self.rows = rows[order]
        self.recent = Recent(group[order], posts["time"][self.rows], self._weights(world))

    def _weights(self, world: World) -> NDArray[np.float64]:
        followers = world.accounts["followers"][world.posts["account"][self.rows]]
        luck = world.rng.pareto(1.3, len(self.rows)) + 0.1
        weights: NDArray[np.float64] = np.sqrt(followers + 1.0) * np.minimum(luck, 60.0)
        return weights


class Recent:
    """Things in groups, sorted by group and time; finds a weighted one of a given age."""

    def __init__(self, group: Indices, time: Indices, weight: NDArray[np.float64]) -> None:
        self._key = group * (400 * DAY) + (time - START + 30 * DAY)
        self._sum = np.concatenate([[0.0], np.cumsum(weight)])

    def pick(
        self, rng: np.random.Generator, group: Indices, at: Indices, within: int
    ) -> NDArray[np.int64]:
        """Return for each row a thing of its group from the time ``within`` before ``at``; or -1.

        Things are chosen by their weights. Where there is none, ``at`` goes back further, up to
        twenty times as far.
        """
        picked = self._pick(rng, group, at, within)
        none = np.flatnonzero(picked < 0)
        picked[none] = self._pick(rng, group[none], at[none], 20 * within)
        return picked

    def _pick(
        self, rng: np.random.Generator, group: Indices, at: Indices, within: int
    ) -> NDArray[np.int64]:
        base = group * (400 * DAY)
        moment = np.maximum(at - START + 30 * DAY, 0)
        high = np.searchsorted(self._key, base + moment, side="right")
        low = np.searchsorted(self._key, base + np.maximum(moment - within, 0), side="left")
        target = self._sum[low] + rng.random(len(at)) * (self._sum[high] - self._sum[low])
        found = np.clip(np.searchsorted(self._sum, target, side="right") - 1, low, high - 1)
        picked: Indices = np.where(high > low, found, -1)
        return picked


def _ages(rng: np.random.Generator, people: People, seconds: float, count: int) -> Indices:
    ages: Indices = rng.lognormal(np.log(seconds * SECOND), people.delay_sigma, count).astype(
        np.int64
    )
    return ages


def _pick_links(world: World, people: People, topic: Indices, time: Indices) -> Indices:
    links = world.links
    order = np.lexsort((links.born, links.topic))
    recent = Recent(links.topic[order].astype(np.int64), links.born[order], links.weight[order])
    age = _ages(world.rng, people, people.link_delay_seconds, len(time))
    at = recent.pick(world.rng, topic.astype(np.int64), time - age, 12 * HOUR)
    return np.where(at >= 0, order[at], -1)


def _groups(world: World, account: Indices, topic: Indices) -> Indices:
    groups: Indices = world.accounts["service"][account].astype(np.int64) * 5 * TOPICS + topic
    return groups


def _answer(world: World, people: People, pool: _Pool, rows: Indices) -> None:
    """Make posts answers to recent posts of others."""
    posts = world.posts
    account = posts["account"][rows].astype(np.int64)
    age = _ages(world.rng, people, people.reply_delay_seconds, len(rows))
    group = _groups(world, account, posts["topic"][rows].astype(np.int64))
    at = pool.recent.pick(world.rng, group, posts["time"][rows] - age, HOUR // 2)
    to = np.where(at >= 0, pool.rows[at], -1)
    other = (to >= 0) & (posts["account"][to] != account)
    posts["reply"][rows[other]] = to[other]
    posts["mention"][rows[other]] = posts["account"][to[other]]


def _repost(
    world: World, people: People, pool: _Pool, account: Indices, time: Indices, topic: Indices
) -> None:
    """Repost what was posted some time before; who finds nothing new writes something."""
    of = np.full(len(account), -1, np.int64)
    group = _groups(world, account, topic)
    for _ in range(3):
        none = np.flatnonzero(of < 0)
        age = _ages(world.rng, people, people.repost_delay_seconds, len(none))
        at = pool.recent.pick(world.rng, group[none], time[none] - age, HOUR)
        of[none] = np.where(at >= 0, pool.rows[at], -1)
        of[world.posts["account"][of] == account] = -1
        _, first = np.unique(account * 2**32 + of, return_index=True)
        again = np.ones(len(of), bool)
        again[first] = False
        of[again] = -1
    found = of >= 0
    world.repost(account[found], time[found], of[found])
    world.write(account[~found], time[~found], topic=topic[~found])
