import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.impact import breakout, takers_of


@pytest.mark.parametrize(
    ("services", "takers", "category"),
    [
        (["x"], {}, 1), (["x"], {"x": 2}, 1), (["x"], {"x": 3}, 2), (["x", "fb"], {}, 2),
        (["x", "fb"], {"x": 9}, 2), (["x", "fb"], {"x": 9, "fb": 9}, 3), (["x"], {"fb": 3}, 2),
        (["x"], {"x": 3, "fb": 3}, 3),
    ],
)  # fmt: skip
def test_categories_follow_services_and_breakouts(services, takers, category):
    found, because = breakout(services, takers)
    assert found == category
    assert because


def test_the_reason_is_plain_and_bounded_whatever_services_are_called():
    _, because = breakout(["a\x1b\n" + "b" * 500, *map(str, range(50))], {})
    assert because.isprintable()
    assert len(because) < 400


rows = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 1), st.integers(0, 3), st.integers(0, 9)
    ),
    max_size=40,
)  # fmt: skip


@settings(deadline=None)
@given(rows, st.lists(st.integers(-1, 2), min_size=10, max_size=10))
def test_takers_are_those_that_a_loop_over_keys_finds(traces, labels):
    community = np.array(labels, np.int32)
    service = np.arange(10, dtype=np.int32) % 2
    columns = zip(*traces, strict=True) if traces else ([], [], [], [])
    account, kind, key, time = (np.array(c, np.int64) for c in columns)
    found = takers_of(
        account.astype(np.int32), kind.astype(np.int8), key.astype(np.uint64), time,
        community, service,
    )  # fmt: skip
    for c in range(community.max() + 1):
        outsiders = set()
        for pair in {(k, v) for _, k, v, _ in traces}:
            left = sorted((t, a) for a, k, v, t in traces if (k, v) == pair)
            members = {a for _, a in left if labels[a] == c}
            if labels[left[0][1]] == c and len(members) >= 2:
                outsiders |= {a for _, a in left if labels[a] != c}
        slow = {s: n for s in (0, 1) if (n := sum(a % 2 == s for a in outsiders))}
        assert found[c] == slow
