import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.shares import MemberTraces, popularity_of, shares

N = 8
rows = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, 1), st.integers(0, 2), st.integers(0, 12)),
    max_size=40,
)
labels = st.lists(st.integers(-1, 1), min_size=N, max_size=N)
persons = st.lists(st.integers(0, 4), min_size=N, max_size=N)


def traces(found: list[tuple[int, int, int, int]]) -> MemberTraces:
    account, kind, key, time = np.array(found, np.int64).reshape(-1, 4).T
    return MemberTraces(
        account.astype(np.int32), kind.astype(np.int8), key.astype(np.uint64), time,
        np.arange(len(found), dtype=np.int64),
    )  # fmt: skip


@settings(deadline=None)
@given(rows, labels, persons, st.integers(1, 12), st.integers(0, 12))
def test_shares_are_what_a_loop_over_pairs_of_posts_finds(found, label, person, one, two):
    shared = shares(
        traces(found), np.array(label, np.int32), np.array(person, np.int32), np.array([one, two])
    )
    slow: dict[tuple[int, int, int], dict[int, int]] = {}
    for i, (a, kind, key, time) in enumerate(found):
        apart = [
            abs(time - u) for b, k, v, u in found
            if (k, v) == (kind, key) and label[a] == label[b] and person[a] != person[b]
        ]  # fmt: skip
        within = (one, two)[kind]
        if label[a] >= 0 and within and apart and min(apart) <= within:
            slow.setdefault((label[a], kind, key), {})[i] = min(apart)
    groups = list(
        zip(shared.community.tolist(), shared.kind.tolist(), shared.key.tolist(), strict=True)
    )
    assert groups == sorted(slow)
    for g, name in enumerate(groups):
        rows = slice(shared.start[g], shared.start[g + 1])
        events = shared.traces.event[rows].tolist()
        assert dict(zip(events, shared.distance[rows].tolist(), strict=True)) == slow[name]
        assert shared.traces.time[rows].tolist() == sorted(found[i][3] for i in slow[name])
        assert shared.actors[g] == len({person[found[i][0]] for i in slow[name]})


@settings(deadline=None)
@given(rows, labels)
def test_popularity_counts_each_account_of_the_input_once(found, label):
    everyone = traces(found)
    shared = shares(everyone, np.array(label, np.int32), np.arange(N, dtype=np.int32), 5)
    slow = [
        len({a for a, k, v, _ in found if (k, v) == (kind, key)})
        for kind, key in zip(shared.kind.tolist(), shared.key.tolist(), strict=True)
    ]
    assert popularity_of(shared, everyone).tolist() == slow


@settings(deadline=None)
@given(rows, labels, st.randoms())
def test_the_order_of_traces_does_not_matter(found, label, random):
    community, actor = np.array(label, np.int32), np.arange(N, dtype=np.int32)
    whole = traces(found)
    one = shares(whole, community, actor, 6)
    shuffled = np.array(random.sample(range(len(found)), len(found)), np.int64)
    two = shares(whole.take(shuffled), community, actor, 6)
    assert one.traces.event.tolist() == two.traces.event.tolist()
    assert one.start.tolist() == two.start.tolist()
