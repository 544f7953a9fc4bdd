from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from crossfix.errors import InputError, SettingError
from crossfix.scenarios.operations import TACTICS
from crossfix.scenarios.registry import SCENARIOS, build
from crossfix.scenarios.world import DAY, HOUR, SECOND, START, World

POSTS = 20_000


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_world_has_the_posts_asked_for_and_sound_references(name: str) -> None:
    world = build(name, POSTS, 7)
    posts = world.posts
    assert len(posts) == POSTS
    assert posts["account"].min() >= 0
    assert posts["account"].max() < len(world.accounts)
    assert posts["time"].min() >= START
    assert posts["time"].max() < world.end
    for reference in ("repost", "reply"):
        rows = np.flatnonzero(posts[reference] >= 0)
        of = posts[reference][rows]
        assert (posts["time"][of] <= posts["time"][rows]).all()
        assert (posts["account"][of] != posts["account"][rows]).all()
        service = world.accounts["service"]
        assert (service[posts["account"][of]] == service[posts["account"][rows]]).all()
    assert posts["url"].max() < len(world.links.born)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_labels_agree_with_themselves(name: str) -> None:
    world = build(name, POSTS, 3)
    names = world.names
    count = len(world.accounts)
    columns = (names.handle, names.display, names.operation, names.kind, names.role, names.person)
    assert [len(column) for column in columns] == [count] * 6
    assert len(set(names.handle)) == count
    for operation, kind, role in zip(names.operation, names.kind, names.role, strict=True):
        assert bool(operation) == (role == "operation") == (kind in TACTICS)
    if name in TACTICS:
        members = sum(map(bool, names.operation))
        assert members == TACTICS[name].accounts
    active = np.bincount(world.posts["account"], minlength=count)
    assert active[[bool(operation) for operation in names.operation]].min(initial=1) > 0


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    one, again, other = (build("operations", POSTS, seed) for seed in (5, 5, 6))
    for column in ("time", "account", "text", "url", "repost"):
        assert np.array_equal(one.posts[column], again.posts[column])
        assert not np.array_equal(one.posts[column], other.posts[column])
    assert one.names == again.names
    assert one.names != other.names


def test_a_world_that_cannot_be_is_refused() -> None:
    with pytest.raises(SettingError, match="no scenario 'ordinery'"):
        build("ordinery", POSTS, 1)
    with pytest.raises(SettingError, match="from 100"):
        build("ordinary", 99, 1)
    with pytest.raises(SettingError, match="seed"):
        build("ordinary", 1000, -1)
    with pytest.raises(InputError, match="needs at least"):
        build("operations", 1000, 1)


def pairs_by_shared_links(
    account: NDArray[np.int64], time: NDArray[np.int64], url: NDArray[np.int64], window: int
) -> Counter[int]:
    """Return how many pairs of accounts share how many distinct links within a window."""
    order = np.lexsort((time, url))
    account, time, url = account[order], time[order], url[order]
    shared = set()
    for step in range(1, len(url)):
        close = (url[step:] == url[:-step]) & (time[step:] - time[:-step] <= window)
        if not close.any():
            break
        for a, b, key in zip(
            account[step:][close].tolist(),
            account[:-step][close].tolist(),
            url[step:][close].tolist(),
            strict=True,
        ):
            if a != b:
                shared.add((min(a, b), max(a, b), key))
    return Counter(Counter((a, b) for a, b, _ in shared).values())


def permuted(world: World, rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Shuffle the accounts of posts within hour and topic."""
    posts = world.posts
    group = posts["time"][rows] // HOUR * 100 + posts["topic"][rows]
    home = np.argsort(group, kind="stable")
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(rows)), group))
    account = np.empty(len(rows), np.int64)
    account[home] = posts["account"][rows][shuffled]
    return account


def test_ordinary_people_share_links_no_more_than_independence_makes_them() -> None:
    world = build("ordinary", 300_000, 2)
    posts = world.posts
    rows = np.flatnonzero((posts["url"] >= 0) & (posts["repost"] < 0))
    columns = (posts["time"][rows], posts["url"][rows].astype(np.int64))
    real = pairs_by_shared_links(posts["account"][rows].astype(np.int64), *columns, 6 * HOUR)
    shuffled = [
        pairs_by_shared_links(permuted(world, rows, seed), *columns, 6 * HOUR) for seed in range(3)
    ]
    chance = [sum(n for shared, n in counts.items() if shared > 1) for counts in shuffled]
    twice = sum(n for shared, n in real.items() if shared > 1)
    assert np.mean(chance) > 50
    assert 0.6 < twice / np.mean(chance) < 1.5


@pytest.mark.parametrize("name", ["fast", "slow", "partial", "camouflaged", "crossservice"])
def test_operations_share_links_together_far_more_than_their_world_does(name: str) -> None:
    world = build(name, 60_000, 4)
    posts = world.posts
    window = int((TACTICS[name].window_seconds + 1) * SECOND)
    member = np.array([bool(operation) for operation in world.names.operation])
    rows = np.flatnonzero((posts["url"] >= 0) & (posts["repost"] < 0))
    account = posts["account"][rows].astype(np.int64)
    time, url = posts["time"][rows], posts["url"][rows].astype(np.int64)
    inside = member[account]
    ours = pairs_by_shared_links(account[inside], time[inside], url[inside], window)
    others = pairs_by_shared_links(account[~inside], time[~inside], url[~inside], window)
    accounts = TACTICS[name].accounts
    pairs = accounts * (accounts - 1) // 2
    assert sum(ours.values()) > 0.9 * pairs
    most = np.quantile(list(others.elements()), 0.999)
    assert np.median(list(ours.elements())) > most


def test_amplifiers_repost_their_lead_and_paraphrasers_say_the_same_otherwise() -> None:
    world = build("amplify", 60_000, 4)
    posts, member = world.posts, np.array([bool(o) for o in world.names.operation])
    lead = int(np.flatnonzero(member)[0])
    reposts = (posts["repost"] >= 0) & (posts["account"][posts["repost"]] == lead)
    assert member[posts["account"][reposts]].mean() > 0.5
    delay = posts["time"][reposts] - posts["time"][posts["repost"][reposts]]
    assert np.median(delay[member[posts["account"][reposts]]]) < 300 * SECOND
    world = build("paraphrase", 60_000, 4)
    posts, member = world.posts, np.array([bool(o) for o in world.names.operation])
    said = posts["text"][(posts["variant"] > 0) & member[posts["account"]]]
    assert Counter(Counter(said.tolist()).values()).most_common(1)[0][0] >= 10


def test_newsrooms_are_old_and_quick_and_fans_are_slow() -> None:
    world = build("operations", 100_000, 9)
    posts, of = world.posts, world.accounts
    role = np.array(world.names.role)
    age = (START - of["created"]) / DAY
    assert np.median(age[role == "page"]) > 8 * 365
    assert np.median(age[role == "person"]) > 3 * 365
    assert np.median(age[role == "operation"]) < 1.5 * 365
    assert np.median(of["followers"][role == "operation"]) < np.median(
        of["followers"][role == "person"]
    )

    def median_gap(which: str) -> float:
        rows = np.flatnonzero((role[posts["account"]] == which) & (posts["url"] >= 0))
        rows = rows[np.lexsort((posts["time"][rows], posts["url"][rows]))]
        same = np.diff(posts["url"][rows]) == 0
        return float(np.median(np.diff(posts["time"][rows])[same])) / SECOND

    assert median_gap("page") < 20
    assert median_gap("fan") > 300


def test_viral_news_is_shared_by_a_large_part_of_everyone_under_one_key() -> None:
    world = build("viral", 100_000, 1)
    posts = world.posts
    top = np.bincount(posts["url"][posts["url"] >= 0]).argmax()
    sharers = np.unique(posts["account"][posts["url"] == top])
    assert (posts["url"] == top).sum() >= 12_000
    assert len(sharers) > 0.3 * len(world.accounts)


def test_people_sleep_and_the_busiest_do_most() -> None:
    world = build("ordinary", 100_000, 1)
    posts, of = world.posts, world.accounts
    local = (posts["time"] / HOUR + of["zone"][posts["account"]]) % 24
    night = ((local > 2.5) & (local < 6)).mean()
    assert night < 0.08
    counts = np.sort(np.bincount(posts["account"]))[::-1]
    assert 0.15 < counts[: len(counts) // 100].sum() / counts.sum() < 0.6
    assert np.median(counts) < counts.mean()
