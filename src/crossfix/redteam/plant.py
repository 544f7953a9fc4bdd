"""An operation planted into a world, as its orders say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossfix.redteam.assets import own_site, round_half_up, sites, stock
from crossfix.redteam.orders import Orders
from crossfix.scenarios.names import people_names, template_names
from crossfix.scenarios.people import awake, label
from crossfix.scenarios.text import Paraphrase
from crossfix.scenarios.world import DAY, HOUR, SECOND, START, TAGS, TOPICS, World

Indices = NDArray[np.int64]
_ZONES = (-5.0, 1.0, -3.0, 3.0, 9.0)
_DELAYED_DAYS = 8
"""No message is released in the last days, so that the end of a world cuts nothing off."""


@dataclass(frozen=True)
class Crew:
    """A planted operation: its accounts and its posts (rows of the world), and its paraphrase."""

    number: int
    orders: Orders
    accounts: Indices
    posts: Indices
    paraphrase: Paraphrase


def plant(world: World, made: Orders, *, crew: int, round: int) -> Crew:
    """Add one operation; its ordinary posts come with ordinary life."""
    rng = world.rng
    language = int(rng.integers(5))
    topic = language * TOPICS + int(rng.integers(TOPICS))
    accounts = _recruit(world, made, f"crew_{crew}", language, topic)
    cell = np.arange(made.accounts) % made.cells
    release = _releases(world, made)
    drawn = rng.random((made.accounts, made.messages)) < made.participation
    who, message = np.nonzero(drawn)
    delay = rng.uniform(0, made.window_seconds * SECOND, len(who)).astype(np.int64)
    time = release[cell[who], message] + delay
    human = rng.random(len(who)) < made.human_hours
    time[human] = awake(world, accounts[who[human]], time[human])
    texts = rng.integers(2**63, size=(made.cells, made.messages), dtype=np.uint64)
    text = texts[cell[who], message]
    own = rng.random(len(who)) < made.own_words
    text[own] = rng.integers(2**63, size=int(own.sum()), dtype=np.uint64)
    varied = (made.synonyms > 0) & ~own
    tagged = rng.random(len(who)) < made.tagged
    posts = world.write(
        accounts[who], time, text=text, variant=np.where(varied, accounts[who] + 1, 0),
        url=_links(world, made, crew, round, cell, release, topic, who, message), sentences=2,
        tag=np.where(tagged, topic * TAGS + TAGS - 1 - cell[who], -1), topic=topic,
    )  # fmt: skip
    level = made.synonyms
    paraphrase = Paraphrase(0.5 * level, 0.05 * level, 0.6 * level, 0.6 * level)
    return Crew(crew, made, accounts, posts, paraphrase)


def _recruit(world: World, made: Orders, name: str, language: int, topic: int) -> Indices:
    """Add the accounts: some bought, the others made in one burst and mostly named by a script."""
    rng = world.rng
    count = made.accounts
    bought = np.arange(count) < round_half_up(made.aged * count)
    born = START - rng.uniform(20, 60) * DAY + rng.uniform(0, 12, count) * DAY
    old = START - np.minimum(rng.lognormal(np.log(4.5 * 365), 0.8, count), 17 * 365) * DAY
    abroad = np.arange(count)[::-1] < round_half_up(made.translated * count)
    speaks = np.where(abroad, (language + 1 + np.arange(count) % 4) % 5, language)
    tongue = speaks * TOPICS + topic % TOPICS
    posts = made.messages * made.participation * made.camouflage
    rows = world.accounts.add(
        count, service=np.arange(count) % made.services, language=speaks,
        zone=np.array(_ZONES)[speaks], peak=13.0 + 5 * made.human_hours,
        spread=2.5 + made.human_hours, topic=tongue,
        second_topic=speaks * TOPICS + rng.integers(0, TOPICS, count), weight=0.0,
        organic=np.maximum(rng.poisson(posts, count), 1),
        created=np.where(bought, old, born),
        followers=rng.lognormal(np.log(np.where(bought, 180, 70)), 0.9, count), verified=False,
    )  # fmt: skip
    scripted = template_names(rng, count, int(rows[0]))
    human = people_names(rng, count, int(rows[0]))
    by_script = (~bought & (rng.random(count) < 0.8)).tolist()
    handles, displays = (
        [scripted[part][i] if s else human[part][i] for i, s in enumerate(by_script)]
        for part in (0, 1)
    )
    label(world, count, handles, displays, kind="redteam", role="operation", operation=name)
    return rows


def _releases(world: World, made: Orders) -> Indices:
    """Return when each cell's messages go out (cells × messages): by a timer, or at any time."""
    rng = world.rng
    shape = (made.cells, made.messages)
    day = rng.integers(0, world.days - _DELAYED_DAYS, shape)
    hour = rng.uniform(6, 17, shape)
    timed = rng.random(shape) < 0.8
    hour = np.where(timed, hour // 0.25 * 0.25, hour)
    human = rng.random(shape) < made.human_hours
    hour = np.where(human, rng.uniform(4, 21, shape), hour)
    day = np.where((day % 7 >= 5) & ~human, np.maximum(day - 2, 0), day)
    releases: Indices = START + day * DAY + (hour * HOUR).astype(np.int64)
    return releases


def _links(
    world: World, made: Orders, crew: int, round: int, cell: Indices, release: Indices, topic: int,
    who: Indices, message: Indices,
) -> Indices:  # fmt: skip
    """Return the link of each post, or -1: the cell's page of the message, or one's own copy."""
    rng = world.rng
    renewed = rng.random(256) < made.renewed
    own = np.arange(made.accounts) < round_half_up(made.own_sites * made.accounts)
    holders = [(number, release[number]) for number in range(made.cells)]
    alone = np.flatnonzero(own).tolist()
    holders += [(own_site(account), release[cell[account]]) for account in alone]
    pages = {}
    for slot, born in holders:
        at = np.array([slot], np.int64)
        number = int(sites(stock(crew, round, at, renewed[at]))[0])
        pages[slot] = world.links.add(born, topic, 0.05, number)
    slots = [own_site(a) if own[a] else int(cell[a]) for a in range(made.accounts)]
    url = np.array([pages[slots[a]][m] for a, m in zip(who, message, strict=True)], np.int64)
    linked = rng.random(len(who)) < made.linked
    return np.where(linked, url, -1)
