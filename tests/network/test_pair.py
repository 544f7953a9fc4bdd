import itertools
import time
from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network.pair import LEAST_BUDGET, Pairs, budget, pair
from crossfix.network.steps import RARE_ACCOUNTS, RARE_SECONDS, SECOND, WINDOWS_SECONDS
from crossfix.store.engine import Engine
from crossfix.traces import TRACES

Row = tuple[int, int, int, int]  # account, kind, key, time in seconds


def table(rows: list[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    account, kind, key, seconds = columns
    times = [int(s * SECOND) for s in seconds]
    return pa.table([account, kind, key, times, range(len(rows))], schema=TRACES)


def paired(
    rows: list[Row], most_share_pairs: int = 200_000, most_pairs: int | None = None
) -> Pairs:
    with Engine(threads=1) as engine:
        return pair(table(rows), engine, most_share_pairs=most_share_pairs, most_pairs=most_pairs)


def slow_gaps(shares: list[tuple[int, int, int]]) -> list[int]:
    """How far apart each two of a key's thinned shares are."""
    ordered = sorted({(t, a) for a, t, _ in shares})
    thin = [
        (t, a)
        for i, (t, a) in enumerate(ordered)
        if i in (0, len(ordered) - 1) or not ordered[i - 1][1] == a == ordered[i + 1][1]
    ]
    return [abs(x[0] - y[0]) for x, y in itertools.combinations(thin, 2)]


def slow_windows(
    shared: dict[tuple[int, int], list[int]],
    accounts: dict[tuple[int, int], int],
    most: int,
    budget: int,
) -> dict[tuple[int, int], int]:
    """Spend the budget key by key, then window by window; ``shared`` has the gaps of each key."""
    windows, spent, crowded = {}, 0, []
    for key in sorted(shared, key=lambda k: (len(shared[k]), k)):
        before = sum(len(shared[k]) for k in [*windows, *crowded])
        if len(shared[key]) > most or 2 * (before + len(shared[key])) > budget:
            crowded.append(key)
        else:
            few = accounts[key] <= RARE_ACCOUNTS
            windows[key] = RARE_SECONDS if few else WINDOWS_SECONDS[-1]
            spent += len(shared[key])
    held = {(k, w): sum(g <= w for g in shared[k]) for k in crowded for w in WINDOWS_SECONDS}
    windows |= dict.fromkeys(crowded, 0)
    last = dict.fromkeys(crowded, 0)
    for (key, window), pairs in sorted(held.items(), key=lambda o: (o[1], *o[0])):
        if pairs > most or (spent := spent + pairs - last[key]) > budget:
            break
        windows[key], last[key] = window, pairs
    return windows


def slow(
    rows: list[Row], most: int, budget: int = 2_000_000
) -> dict[tuple[int, int, int, int], tuple[int, ...]]:
    """Every two shares of every key, compared one by one."""
    shares = defaultdict(list)
    for event, (account, kind, key, seconds) in enumerate(rows):
        shares[kind, key].append((account, seconds, event))
    found = {}
    shared = {k: slow_gaps(them) for k, them in shares.items() if len({a for a, *_ in them}) > 1}
    accounts = {k: len({a for a, *_ in shares[k]}) for k in shared}
    windows = slow_windows(shared, accounts, most, budget)
    for (kind, key), them in shares.items():
        times = Counter(a for a, _, _ in them)
        window = windows.get((kind, key), 0)
        best: dict[tuple[int, int], tuple[int, ...]] = {}
        for (a, t, e), (b, u, f) in itertools.product(them, them):
            if window and a < b and abs(t - u) <= window:
                lead = 0 if t == u else (1 if t < u else -1)
                rank = (abs(t - u), min(t, u), -lead, e, f)
                best[a, b] = min(best.get((a, b), rank), rank)
        for (a, b), (delta, _, behind, e, f) in best.items():
            found[kind, a, b, key] = (
                delta * SECOND, -behind, e, f, len(times), times[a], times[b]
            )  # fmt: skip
    return found


def rows_of(pairs: Pairs) -> list[tuple[int, ...]]:
    return [tuple(r.values()) for r in pairs.table.to_pylist()]


SHARES = st.lists(
    st.tuples(
        st.integers(0, RARE_ACCOUNTS + 1),
        st.integers(0, 1),
        st.sampled_from([0, 1, 2**64 - 1]),
        st.one_of(
            st.integers(-40, 40),
            st.integers(-700_000, 700_000),
            st.integers(-RARE_SECONDS, RARE_SECONDS),
        ),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=40)
@given(SHARES, st.sampled_from([1, 3, 10, 200_000]), st.sampled_from([0, 2, 7, 30, 2_000_000]))
def test_pairs_are_those_of_the_double_loop(rows: list[Row], most: int, budget: int) -> None:
    found = rows_of(paired(rows, most, budget))
    expected = slow(rows, most, budget)
    as_mapping = {(r[0], r[1], r[2], r[3]): r[4:] for r in found}
    assert as_mapping == expected
    assert [(r[0], r[1], r[2], r[3]) for r in found] == sorted(expected)


@settings(deadline=None, max_examples=10)
@given(SHARES)
def test_degrees_count_every_key_once(rows: list[Row]) -> None:
    degrees = paired(rows).degrees.to_pylist()
    expected = Counter((k, a) for a, k, _ in {(a, k, x) for a, k, x, _ in rows})
    assert {(d["kind"], d["account"]): d["keys"] for d in degrees} == expected
    accounts = Counter((k, x) for _, k, x in {(a, k, x) for a, k, x, _ in rows})
    rare = Counter((k, a) for a, k, x in {(a, k, x) for a, k, x, _ in rows}
                   if accounts[k, x] <= RARE_ACCOUNTS)  # fmt: skip
    assert {(d["kind"], d["account"]): d["rare"] for d in degrees if d["rare"]} == rare


def test_nothing_is_paired_in_an_empty_input() -> None:
    pairs = paired([])
    assert len(pairs) == pairs.degrees.num_rows == pairs.limits.num_rows == pairs.accounts == 0


def test_a_crowded_key_takes_part_in_the_longest_window_that_fits_and_is_named() -> None:
    crowd = [(account, 0, 7, account * 5) for account in range(100)]
    pairs = paired([*crowd, (0, 0, 8, 0), (1, 0, 8, 500_000)], most_share_pairs=1000)
    assert pairs.limits.to_pylist() == [
        {"kind": 0, "key": 7, "accounts": 100, "shares": 100, "window_seconds": 10}
    ]
    crowded = pairs.column("key") == 7
    assert pairs.column("delta")[crowded].max() == 10 * SECOND
    assert crowded.sum() == 99 + 98
    assert pairs.column("delta")[~crowded].tolist() == [500_000 * SECOND]


def test_a_rare_key_is_met_within_a_year_a_common_one_within_a_week() -> None:
    year = RARE_SECONDS
    rare = [(account, 0, 7, account * year // RARE_ACCOUNTS) for account in range(RARE_ACCOUNTS)]
    late = [(0, 0, 8, 0), (1, 0, 8, year + 1)]
    common = [(account, 0, 9, account * 700_000) for account in range(RARE_ACCOUNTS + 1)]
    pairs = paired([*rare, *late, *common])
    assert set(pairs.column("key").tolist()) == {7}
    assert len(pairs) == RARE_ACCOUNTS * (RARE_ACCOUNTS - 1) // 2
    assert pairs.limits.num_rows == 0


def test_a_key_left_by_all_at_once_takes_no_part_and_is_named() -> None:
    pairs = paired([(account, 0, 7, 0) for account in range(100)], most_share_pairs=1000)
    assert len(pairs) == 0
    assert pairs.limits.column("window_seconds").to_pylist() == [0]


def test_many_crowded_keys_have_a_budget_together_and_those_with_few_pairs_come_first() -> None:
    # Ten keys with 45 pairs each within 9 minutes, 9 of these within a minute, and a small one.
    crowds = [(account, 0, key, account * 60) for key in range(10) for account in range(10)]
    small = [(account, 1, 99, account * 100_000) for account in range(3)]
    every = paired([*crowds, *small], most_pairs=10 * 45 + 3)
    assert every.limits.num_rows == 0
    assert len(every) == 10 * 45 + 3
    few = paired([*crowds, *small], most_pairs=10 * 9 + 3)
    assert set(few.limits.column("window_seconds").to_pylist()) == {60}
    assert len(few) == 10 * 9 + 3
    assert few.column("delta").max() > 60 * SECOND
    some = paired([*crowds, *small], most_pairs=10 * 9 + 3 + 2 * 36)
    assert some.limits.column("key").to_pylist() == list(range(2, 10))


def test_the_budget_of_an_input_grows_with_its_traces() -> None:
    assert budget(0) == budget(100_000) == LEAST_BUDGET
    assert budget(8_000_000) == 2 * budget(4_000_000) > LEAST_BUDGET


def test_one_account_repeating_itself_does_not_crowd_a_key() -> None:
    flood = [(0, 0, 7, second) for second in range(20_000)]
    pairs = paired([*flood, (1, 0, 7, 30_000)])
    assert pairs.limits.num_rows == 0
    assert pairs.table.select(["delta", "times_a", "times_b", "event_a"]).to_pylist() == [
        {"delta": 10_001 * SECOND, "times_a": 20_000, "times_b": 1, "event_a": 19_999}
    ]


def test_the_order_of_traces_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    traces = table(
        [tuple(r) for r in rng.integers(0, [9, 2, 5, 900_000], (300, 4)).tolist()]  # type: ignore[misc]
    )
    shuffled = traces.take(pa.array(rng.permutation(traces.num_rows)))
    with Engine() as one, Engine(threads=1) as other:
        assert pair(traces, one).table.equals(pair(shuffled, other).table)


def test_an_engine_pairs_again_and_keeps_nothing_between() -> None:
    with Engine() as engine:
        first = pair(table([(0, 0, 1, 0), (1, 0, 1, 5)]), engine)
        second = pair(table([(0, 0, 1, 0), (1, 0, 1, 5)]), engine)
    assert first.table.equals(second.table)
    assert [s.name for s in first.steps] == [s.name for s in second.steps]


def one_key(accounts: int) -> pa.Table:
    """One key shared by many within two days."""
    rng = np.random.default_rng(1)
    times = rng.integers(0, 2 * 86_400 * SECOND, accounts)
    return pa.table(
        [
            np.arange(accounts, dtype=np.int32),
            np.zeros(accounts, np.int8),
            np.full(accounts, 9, np.uint64),
            times,
            np.arange(accounts),
        ],
        schema=TRACES,
    )


@pytest.mark.parametrize("accounts", [100_000])
def test_cost_of_one_key_that_everybody_left_grows_no_faster_than_its_sorting(
    accounts: int,
) -> None:
    def cpu(n: int) -> float:
        with Engine(memory_limit="1GB", threads=1) as engine:
            began = time.process_time()
            pairs = pair(one_key(n), engine)
            assert pairs.limits.num_rows == 1
            return time.process_time() - began

    cpu(1000)
    # The least of three, and a wide margin: a busy machine adds to both. Quadratic would be 16.
    small, large = (min(cpu(n) for _ in range(3)) for n in (accounts // 4, accounts))
    assert large < 4 * 2 * small + 0.5
