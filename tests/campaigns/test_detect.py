"""What detecting finds, and what it costs."""

import time
from math import log2

import numpy as np
import pyarrow as pa
import pytest

from crossfix.campaigns.detect import Detection, detect
from crossfix.traces import TRACES
from crossfix.traces.table import Naming, Traces

KINDS = ["repost", "url", "hashtag"]
DAY = 86_400_000_000


def traces(account, kind, key, when, accounts: int) -> Traces:
    columns = [account, kind, key, when, np.arange(len(account))]
    arrays = [pa.array(np.asarray(c), f.type) for c, f in zip(columns, TRACES, strict=True)]
    return Traces(
        pa.table(arrays, schema=TRACES), pa.array([f"x:{n}" for n in range(accounts)]), KINDS,
        events=len(account),
        namings={k: Naming(f, f"left the same {k}") for k, f in
                 zip(KINDS, ("repost", "link", "tag"), strict=True)},
    )  # fmt: skip


def crowd(posts: int, group: int = 0, stories: int = 20) -> Traces:
    """People who share what is popular, now and then; the first accounts act as one."""
    rng = np.random.default_rng(posts)
    accounts, keys = posts // 10, posts // 4
    account = rng.integers(0, accounts, posts)
    key = (keys * rng.beta(0.8, 2.0, posts)).astype(np.uint64)
    when = rng.integers(0, 30 * DAY, posts)
    kind = rng.integers(0, len(KINDS), posts)
    at = np.repeat(rng.integers(0, 30 * DAY, stories), group)
    account = np.concatenate([account, np.tile(np.arange(group), stories)])
    key = np.concatenate([key, np.repeat(np.arange(stories) + 10**6, group).astype(np.uint64)])
    when = np.concatenate([when, at + rng.integers(0, 60_000_000, len(at))])
    kind = np.concatenate([kind, np.zeros(len(at), np.int64)])
    return traces(account, kind, key, when, accounts)


FOLLOWERS = np.arange(10, 160)
SMALL = np.arange(1000, 1006)


def followed(seed: int, stories: int = 60, each: int = 62) -> Traces:
    """Ten accounts act as one; some of `FOLLOWERS` repost each story hours later. `SMALL` is a
    group that nobody follows."""
    rng = np.random.default_rng(seed)
    rows = []
    for story, at in enumerate(rng.integers(0, 30 * DAY, stories).tolist()):
        key = 10**6 + story
        rows += [(a, 0, key, at + int(rng.integers(0, 60_000_000))) for a in range(10)]
        rows += [
            (a, 0, key, at + int(rng.lognormal(np.log(1.5), 1) * 3600e6))
            for a in rng.choice(FOLLOWERS, each, replace=False).tolist()
        ]
    for key, at in enumerate(rng.integers(0, 30 * DAY, 3).tolist(), 2 * 10**6):
        rows += [(a, 1, key, at + int(rng.integers(0, 60_000_000))) for a in SMALL.tolist()]
    made = crowd(32_000)
    names = ("account", "kind", "key", "time")
    columns = [
        np.concatenate([made.table.column(name).to_numpy(), np.array(more, np.int64)])
        for name, more in zip(names, zip(*rows, strict=True), strict=True)
    ]
    return traces(*columns, len(made.accounts))


def viral(accounts: int) -> Traces:
    """One key that everybody leaves within a week."""
    rng = np.random.default_rng(accounts)
    return traces(
        np.arange(accounts), np.zeros(accounts), np.zeros(accounts),
        rng.integers(0, 7 * DAY, accounts), accounts,
    )  # fmt: skip


def found(made: Traces, **more) -> Detection:
    return detect(made, np.arange(len(made.accounts), dtype=np.int32), seed=0, **more)


def cost(made: Traces) -> float:
    """CPU seconds of all threads: the lesser of two runs, for the machine has other work."""
    spent = []
    for _ in range(2):
        before = time.process_time()
        found(made)
        spent.append(time.process_time() - before)
    return min(spent)


def test_a_group_that_acts_as_one_is_a_community_and_nobody_else_is() -> None:
    detected = found(crowd(20_000, group=8))
    assert set(np.flatnonzero(detected.community >= 0).tolist()) == set(range(8))
    assert detected.score[:8].min() >= 0.5 >= detected.score[8:].max()
    inside = detected.links.to_pylist()
    assert inside
    assert all(max(link["account_a"], link["account_b"]) < 8 for link in inside)


def test_where_nothing_is_coordinated_nothing_is_found() -> None:
    detected = found(crowd(20_000))
    assert (detected.community == -1).all()
    assert detected.score.max() <= 0.5


def test_an_operation_and_its_audience_are_no_measure_of_the_chance_of_others(monkeypatch) -> None:
    made = followed(3)
    again = found(made)
    monkeypatch.setattr("crossfix.campaigns.detect.of_others", lambda *_: None)
    once = found(made)
    assert again.chance < 0.6 * once.chance
    assert (again.score[SMALL] > once.score[SMALL]).all()


@pytest.mark.parametrize(("seed", "each"), [(3, 62), (5, 50)])
def test_who_follows_an_operation_stays_out_of_it(seed: int, each: int) -> None:
    detected = found(followed(seed, each=each))
    assert (detected.community[:10] >= 0).all()
    assert (detected.community[SMALL] >= 0).all()
    assert (detected.community[FOLLOWERS] < 0).all()


def test_a_kind_that_is_switched_off_ties_nobody() -> None:
    made = crowd(20_000, group=8)
    detected = found(made, without=frozenset({"repost"}))
    assert (detected.community == -1).all()
    assert made.code("repost") not in detected.pairs.kinds


def test_the_same_traces_and_seed_give_the_same_detection() -> None:
    one, two = found(crowd(8_000, group=6)), found(crowd(8_000, group=6))
    assert one.score.tobytes() == two.score.tobytes()
    assert one.community.tobytes() == two.community.tobytes()
    assert one.links.equals(two.links)


def test_accounts_of_one_person_are_no_community() -> None:
    made = crowd(20_000, group=8)
    actor = np.arange(len(made.accounts), dtype=np.int32)
    actor[:8] = 0
    assert (detect(made, actor, seed=0).community == -1).all()


def test_the_stages_are_named_as_they_begin() -> None:
    said: list[str] = []
    found(crowd(2_000), say=said.append)
    assert len(said) == len(set(said)) >= 4


@pytest.mark.parametrize(
    ("make", "small"),
    [
        (crowd, 15_000),
        (viral, 5_000),
        pytest.param(viral, 20_000, marks=pytest.mark.accept),
    ],
)
def test_the_cost_grows_no_faster_than_n_log_n(make, small: int) -> None:
    cost(make(1_000))
    large = 4 * small
    allowed = large * log2(large) / (small * log2(small))
    # Twice what n log n allows: fixed costs pull down, caches and neighbours push up.
    assert cost(make(large)) < 2 * allowed * cost(make(small))
