"""Links against slow twins, on planted worlds, and on real data whose accounts are permuted."""

from collections import defaultdict
from itertools import combinations, product
from math import exp, factorial, fsum, log

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.quality import permuted
from crossfix.network.pair import Pairs, pair
from crossfix.network.steps import WINDOWS_SECONDS
from crossfix.network.stretches import ACCOUNTS
from crossfix.network.validate import (
    CO_ACTIVE,
    LINKS,
    POPULARITIES,
    TRIED,
    benjamini_hochberg,
    holding,
    shown,
    validate,
)
from crossfix.store.engine import Engine
from crossfix.traces import TRACES

from .slow_stretches import slow_expected
from .trace_rows import POSTS, SECOND, Row, paired, rows_of, table

HOUR = 3600 * SECOND
BASES = [[0, 1, 2, 3, 4], [0, 1, 1, 0, 4]]
"""Each kind its own base; some another's."""

GROUP = {(a, b) for a in range(10) for b in range(a + 1, 10)}


def tail(least: int, mean: float) -> float:
    """P(X >= least) of a Poisson variable, term by term."""
    return fsum(exp(-mean) * mean**k / factorial(k) for k in range(least, least + 120))


def slow_links(rows: list[Row], pairs: Pairs, base: list[int]) -> list[dict[str, object]]:
    """Test every pair in every window, and in each stretch of time, one at a time."""
    links = []
    for kind in sorted({r[1] for r in rows}):
        own = [r for r in rows if r[1] == kind]
        met = [row for row in pairs.table.to_pylist() if row["kind"] == kind]
        ground = [r for r in rows if r[1] == base[kind]]
        events = {r[4] for r in ground}
        if ground:
            own = ground + [r for r in own if kind != base[kind] and r[4] not in events]
        left, of_key = defaultdict(set), defaultdict(set)
        for account, k, key, _, _ in rows:
            left[account, k].add(key)
            of_key[k, key].add(account)
        degrees = {
            most: {account: max(sum(len(of_key[k, key]) <= most for key in left[account, k])
                                for k in (kind, base[kind])) for account in {r[0] for r in rows}}
            for most in POPULARITIES
        }  # fmt: skip
        for a, b in sorted({(row["account_a"], row["account_b"]) for row in met}):
            best: tuple[float, int, list[dict[str, int]], int, float] = (1.0, 0, [], 0, 0.0)
            for window, most in product(WINDOWS_SECONDS, POPULARITIES):
                degree = degrees[most]
                every = sum(degree[i] * degree[j] for i, j in combinations(degree, 2))
                inside = [r for r in met if r["delta"] <= window * SECOND and r["accounts"] <= most]
                both = sum((row["account_a"], row["account_b"]) == (a, b) for row in inside)
                expected = degree[a] * degree[b] * len(inside) / max(every, 1)
                p = tail(both, expected) if both else 1.0
                # Equal chances keep the shorter window; sums in another order differ by rounding.
                if p < best[0] * (1 - 1e-12):
                    best = (p, window, inside, both, expected)
            p, window, inside, both, expected = best
            if not both:  # they met over a rare key, later than any window is long
                continue
            of_kind = [r for r in rows if r[1] == kind]
            by_stretch = slow_expected(own, of_kind, inside, (a, b), window, ACCOUNTS)
            links.append({
                "account_a": a, "account_b": b, "kind": kind, "window": window,
                "shared_keys": both, "expected": expected,
                "llr": both * log(both / expected) - (both - expected), "p": p,
                "by_stretch": tail(both, by_stretch),
            })  # fmt: skip
    accounts = len({r[0] for r in rows})
    hypotheses = accounts * (accounts - 1) / 2 * len({r[1] for r in rows})
    for link in links:
        weaker = [other["p"] for other in links if other["p"] >= link["p"] * (1 - 1e-12)]
        rates = [
            min(p * TRIED, 1) * hypotheses
            / sum(other["p"] <= p * (1 + 1e-12) for other in links)
            for p in weaker
        ]  # fmt: skip
        link["q_value"] = min([1.0, *rates])
    return links


@settings(max_examples=30)
@given(POSTS, st.sampled_from([1, 20, 300]), st.sampled_from(BASES))
def test_links_are_those_of_a_slow_twin(posts, spread: int, base: list[int]) -> None:
    rows = [(a, k, key, s * spread, e) for a, k, key, s, e in rows_of(posts)]
    pairs = paired(rows)
    links = validate(pairs, table(rows), base=np.array(base), false_discovery_rate=1.0).to_pylist()
    expected = slow_links(rows, pairs, base)
    assert len(links) == len(expected)
    for link, twin in zip(links, expected, strict=True):
        for name in ("account_a", "account_b", "kind", "window", "shared_keys"):
            assert link[name] == twin[name], name
        for name in ("expected", "llr", "q_value"):
            assert link[name] == pytest.approx(twin[name], rel=1e-9, abs=1e-12), name
        assert link["by_stretch"] == (twin["by_stretch"] <= CO_ACTIVE)


@given(
    st.lists(st.floats(0, 1) | st.floats(0, 0.01), max_size=30),
    st.integers(0, 500),
    st.floats(0.001, 0.5),
)
def test_a_rate_rejects_what_benjamini_and_hochberg_reject(
    p: list[float], more: int, rate: float
) -> None:
    hypotheses = len(p) + more
    ordered = sorted(p)
    ratios = [value * hypotheses / (i + 1) for i, value in enumerate(ordered)]
    assume(all(abs(ratio - rate) > 1e-9 for ratio in ratios))
    passing = [
        i for i, value in enumerate(ordered, 1) if value <= i / hypotheses * rate
    ]  # fmt: skip
    rejected = [value <= ordered[passing[-1] - 1] if passing else False for value in p]
    found = benjamini_hochberg(np.array(p, dtype=float), hypotheses)
    assert (found <= rate).tolist() == rejected
    # p times n by n may round below p.
    assert ((found >= np.array(p) - 1e-12) & (found <= 1)).all()


def test_one_link_of_a_hundred_does_not_hold_by_luck() -> None:
    lucky, clear = np.array([0.9 * CO_ACTIVE]), np.full(60, 1e-9)
    others = np.full(96, 0.5)
    assert not holding(np.concatenate([lucky, others]), 0.01).any()
    assert (
        holding(np.concatenate([lucky, clear, others]), 0.01).tolist() == [True] * 61 + [False] * 96
    )
    assert not holding(np.array([1.1 * CO_ACTIVE]), 0.01).any()
    assert holding(lucky, 0.01).all()


def world(planted: int, seed: int = 1) -> pa.Table:
    """300 accounts share popular and rare keys; accounts 0 to 9 share ``planted`` ones together."""
    rng = np.random.default_rng(seed)
    number = 20_000
    time = rng.integers(0, 20 * 24, number) * HOUR + rng.integers(0, HOUR, number)
    account = (300 * rng.random(number) ** 2).astype(np.int64)
    key = (800 * rng.random(number) ** 3).astype(np.int64)
    moment = np.repeat(rng.integers(0, 20 * 24, planted) * HOUR, 10)
    account = np.concatenate([account, np.tile(np.arange(10), planted)])
    key = np.concatenate([key, np.repeat(np.arange(planted) + 5000, 10)])
    time = np.concatenate([time, moment + rng.integers(0, 40 * SECOND, len(moment))])
    columns = [account, np.zeros(len(account), np.int64), key, time, np.arange(len(account))]
    return pa.table(columns, names=TRACES.names).cast(TRACES)


def links_of(traces: pa.Table, actor=None) -> pa.Table:
    with Engine(threads=1) as engine:
        return validate(pair(traces, engine), traces, actor=actor)


def ends(links: pa.Table) -> set[tuple[int, int]]:
    return set(zip(links["account_a"].to_pylist(), links["account_b"].to_pylist(), strict=True))


def test_accounts_that_share_together_are_linked_and_nobody_else() -> None:
    links = links_of(world(12))
    assert ends(links) == GROUP
    assert links.schema.equals(LINKS)
    assert all(links["by_stretch"].to_pylist())
    for link in links.to_pylist():
        assert link["shared_keys"] > link["expected"]
        assert link["llr"] > 0
        assert link["q_value"] <= 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_is_linked_once_accounts_are_permuted(seed: int) -> None:
    assert links_of(permuted.permuted(world(12, seed), seed)).num_rows == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_is_linked_where_nothing_is_planted(seed: int) -> None:
    assert links_of(world(0, seed)).num_rows == 0


def test_nobody_is_linked_in_an_empty_input() -> None:
    links = links_of(TRACES.empty_table())
    assert links.num_rows == 0
    assert links.schema.equals(LINKS)


def test_two_accounts_of_one_actor_have_no_link() -> None:
    actor = np.arange(300, dtype=np.int32)
    actor[:4] = 0
    assert ends(links_of(world(12), actor)) == GROUP - set(combinations(range(4), 2))


def test_the_order_of_traces_does_not_matter() -> None:
    traces = world(12)
    turned = traces.take(pa.array(np.arange(traces.num_rows)[::-1]))
    assert links_of(turned).equals(links_of(traces))


def test_links_are_shown_inside_communities_where_stretches_bear_them_out_and_around_such() -> None:
    a, b = [0, 0, 2, 3, 4, 4, 5, 5, 6], [1, 2, 8, 6, 5, 5, 7, 8, 7]
    held = [False, False, False, False, True, False, True, False, False]
    columns = {name: np.zeros(len(a)) for name in LINKS.names}
    links = pa.table(columns | {"account_a": a, "account_b": b, "by_stretch": held}).cast(LINKS)
    community = np.array([0, 0, 0, 1, -1, -1, -1, -1, -1])
    seen = shown(links, community)
    assert [(r["account_a"], r["account_b"], r["by_stretch"]) for r in seen.to_pylist()] == [
        (0, 1, False), (0, 2, False), (2, 8, False), (3, 6, False),
        (4, 5, True), (4, 5, False), (5, 7, True), (5, 8, False),
    ]  # fmt: skip
    assert ends(shown(links, np.full(9, -1))) == {(4, 5), (5, 7), (5, 8)}


def test_one_link_that_holds_brings_no_others_of_its_accounts() -> None:
    a, b, held = [4, 4, 4, 5], [5, 5, 6, 8], [True, False, False, False]
    columns = {name: np.zeros(len(a)) for name in LINKS.names}
    links = pa.table(columns | {"account_a": a, "account_b": b, "by_stretch": held}).cast(LINKS)
    assert shown(links, np.full(9, -1)).num_rows == 2


def shown_without_communities(traces: pa.Table) -> int:
    """How many links stand on their own, no community being upheld."""
    size = int(traces["account"].to_numpy().max()) + 1
    return shown(links_of(traces), np.full(size, -1)).num_rows


@pytest.mark.realdata
def test_permuted_accounts_of_a_real_election_show_no_link(data_dir) -> None:
    traces = permuted.german(data_dir).table
    assert shown_without_communities(permuted.permuted(traces, 0)) == 0


@pytest.mark.realdata
def test_nine_of_ten_links_of_a_test_by_degree_alone_are_kept(data_dir) -> None:
    traces = permuted.german(data_dir).table
    with Engine(threads=1) as engine:
        pairs = pair(traces, engine)
    links = permuted.named(validate(pairs, traces))
    reference = permuted.reference(traces, pairs)
    assert len(reference) >= 1000
    assert len(reference & links) >= 0.9 * len(reference)


@pytest.mark.accept
@pytest.mark.realdata
@pytest.mark.parametrize("load", [permuted.german, permuted.russian])
def test_permuted_accounts_show_a_hundredth_of_the_links_at_most(data_dir, load) -> None:
    traces = load(data_dir).table
    real = shown_without_communities(traces)
    seeds = range(permuted.FIRST_SEED, permuted.FIRST_SEED + 3)
    found = [shown_without_communities(permuted.permuted(traces, seed)) for seed in seeds]
    assert real > 0
    assert max(found) <= 0.01 * real, found
