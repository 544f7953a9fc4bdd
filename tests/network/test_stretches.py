"""What an exchange within stretches explains: against a slow twin, and against exchanges."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network.pair import pair
from crossfix.network.steps import WINDOWS_SECONDS
from crossfix.network.stretches import ACCOUNTS, Shares, apart, crowded_starts
from crossfix.scenarios.permute import permute_accounts
from crossfix.store.engine import Engine
from crossfix.traces import TRACES

from .slow_stretches import slow_expected
from .trace_rows import POSTS, SECOND, paired, rows_of, table

HOUR = 3600 * SECOND
EVERY = 2**31 - 1
"""Keys of any popularity."""


@settings(max_examples=30, deadline=None)
@given(
    POSTS,
    st.sampled_from([1, 20, 300]),
    st.sampled_from([1, 2, 3, ACCOUNTS]),
    st.sampled_from(WINDOWS_SECONDS),
)
def test_what_is_expected_is_what_a_slow_twin_expects(posts, spread, accounts, window) -> None:
    rows = [(a, k, key, s * spread, e) for a, k, key, s, e in rows_of(posts)]
    pairs, traces = paired(rows), table(rows)
    for kind in sorted({r[1] for r in rows}):
        own = [r for r in rows if r[1] == kind]
        met = [row for row in pairs.table.to_pylist() if row["kind"] == kind]
        left = tuple(
            np.array([f(r) for r in own]) for f in (lambda r: r[0], lambda r: r[3] * SECOND)
        )
        both = sorted({(r["account_a"], r["account_b"]) for r in met})
        if not both:
            continue
        a, b = np.array(both).T
        found = Shares(pairs, traces, kind, left, accounts).expected(a, b, window, EVERY)
        twin = [slow_expected(own, own, met, names, window, accounts) for names in both]
        assert found.tolist() == pytest.approx(twin, rel=1e-9, abs=1e-12)


def busy_hours(seed: int) -> pa.Table:
    """Sixty accounts, two of them busy in the same ten hours; half of what is shared is popular."""
    rng = np.random.default_rng(seed)
    account = np.concatenate([rng.integers(0, 60, 1500), rng.integers(0, 2, 200)])
    hour = np.concatenate([rng.integers(0, 50, 1500), rng.integers(0, 10, 200)])
    key = np.where(rng.random(1700) < 0.5, hour, 1000 + 40 * hour + rng.integers(0, 30, 1700))
    time = hour * HOUR + rng.integers(0, HOUR, 1700)
    columns = [account, np.zeros(1700, np.int64), key, time, np.arange(1700)]
    return pa.table(columns, names=TRACES.names).cast(TRACES)


@pytest.mark.parametrize("window", [600, 3600])
def test_as_much_is_expected_as_exchanged_accounts_share(window: int) -> None:
    traces = busy_hours(1)
    shared, expected = [], []
    for seed in range(12):
        mixed = permute_accounts(traces, seed=seed)
        with Engine(threads=1) as engine:
            pairs = pair(mixed, engine)
        ends = [pairs.column(name) for name in ("account_a", "account_b", "delta")]
        shared.append(np.sum((ends[0] == 0) & (ends[1] == 1) & (ends[2] <= window * SECOND)))
        left = tuple(mixed[name].to_numpy() for name in ("account", "time"))
        shares = Shares(pairs, mixed, 0, left)
        expected.append(shares.expected(np.array([0]), np.array([1]), window, EVERY)[0])
    assert np.mean(shared) > 10
    # Never much less: chance would seem to explain less than it does.
    assert 0.9 <= np.mean(expected) / np.mean(shared) <= 1.2


def test_a_popular_key_counts_once_for_the_busiest() -> None:
    """Two accounts alone left half of an hour; all of it is one key but for ten others'."""
    rows = [(i % 2 if i < 20 else i, 0, 7 if i < 40 else i, 60 * i % 3600, i) for i in range(50)]
    left = tuple(np.array([r[at] for r in rows]) for at in (0, 3))
    left = left[0], left[1] * SECOND
    shares = Shares(paired(rows), table(rows), 0, left)
    assert shares.expected(np.array([0]), np.array([1]), 3600, EVERY)[0] < 2


def test_stretches_are_whole_hours_with_enough_accounts_and_as_long_as_the_window() -> None:
    hour = np.array([0, 0, 1, 2, 2, 5, 9])
    account = np.array([1, 2, 1, 1, 3, 2, 2])
    starts = crowded_starts(account, hour * HOUR + 17, 2)
    assert starts.tolist() == [0, HOUR]
    assert crowded_starts(account, hour * HOUR, 1).tolist() == [h * HOUR for h in (0, 1, 2, 5, 9)]
    assert crowded_starts(account, hour * HOUR, 9).tolist() == [0]
    each = np.array([0, 1, 2, 5, 9]) * HOUR
    assert apart(each, 3 * HOUR).tolist() == [0, 5 * HOUR, 9 * HOUR]
    assert apart(each, HOUR).tolist() == each.tolist()
