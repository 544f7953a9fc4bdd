import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network import coortweet
from crossfix.network.coortweet import CoShares, Shares

Row = tuple[int, int, int, int]  # object, account, content, seconds


def shares_of(rows: list[Row]) -> Shares:
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 4).T
    obj, account, content, seconds = columns
    return Shares(obj, account, content, seconds * 1_000_000, obj == content)


def slow(rows: list[Row], window: int, least: int, keep_loops: bool) -> Counter[tuple[int, ...]]:
    """Every two rows compared one by one."""
    active = Counter(r[1] for r in rows)
    rows = [r for r in rows if active[r[1]] >= least]
    pairs = []
    for (i, x), (j, y) in itertools.combinations(enumerate(rows), 2):
        if x[0] != y[0] or abs(x[3] - y[3]) > window:
            continue
        if not keep_loops and (x[1] == y[1] or x[2] == y[2] or x[0] in (x[2], y[2])):
            continue
        first, second = sorted([(x[3], i, x), (y[3], j, y)])
        pairs.append((first[2], second[2]))
    contents = {r[2] for pair in pairs for r in pair}
    taking_part = Counter(r[1] for r in rows if r[2] in contents)
    often = {r[2] for r in rows if r[2] in contents and taking_part[r[1]] >= least}
    return Counter(
        (x[0], x[1], y[1], x[2], y[2], y[3] - x[3])
        for x, y in pairs
        if x[2] in often or y[2] in often
    )


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 4), st.integers(0, 12), st.integers(-20, 20)
    ),
    max_size=25,
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(ROWS, st.integers(0, 30), st.integers(1, 3), st.booleans())
def test_pairs_are_those_of_the_double_loop(
    rows: list[Row], window: int, least: int, keep_loops: bool
) -> None:
    found = coortweet.co_shares(
        shares_of(rows), window_seconds=window, min_participation=least, keep_loops=keep_loops
    )
    columns = (found.object, found.account, found.account_later, found.content,
               found.content_later, found.delta // 1_000_000)  # fmt: skip
    rows_found = Counter(zip(*(c.tolist() for c in columns), strict=True))
    assert rows_found == slow(rows, window, least, keep_loops)


def test_blocks_do_not_change_the_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    rows = [tuple(r) for r in rng.integers(0, [3, 9, 200, 50], (200, 4)).tolist()]
    whole = coortweet.co_shares(shares_of(rows), window_seconds=20, min_participation=2)  # type: ignore[arg-type]
    monkeypatch.setattr(coortweet, "_BLOCK", 7)
    parts = coortweet.co_shares(shares_of(rows), window_seconds=20, min_participation=2)  # type: ignore[arg-type]
    assert len(whole) > 100
    assert np.array_equal(whole.delta, parts.delta)
    assert np.array_equal(whole.content, parts.content)


@pytest.fixture(scope="module")
def russian(data_dir: Path) -> Shares:
    table = pq.read_table(data_dir / "cooRtweet_russian" / "russian_coord_tweets.parquet")
    codes = [
        table[c].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
        for c in ("object_id", "account_id", "content_id")
    ]
    time = table["timestamp_share"].cast(pa.int64()).to_numpy() * 1_000_000
    return Shares(*codes, time, pc.equal(table["object_id"], table["content_id"]).to_numpy())


def accounts(found: CoShares) -> int:
    return len({*found.account.tolist(), *found.account_later.tolist()})


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("window", "least", "numbers", "kept", "mean"),
    [
        (60, 2, (3791, 2110, 502, 3721, 4), (60, 94, 34, 10), 30.3991),
        (10, 2, (447, 525, 170, 442, 3), (4, 8, 4, 2), 5.2237),
        (10, 5, (22, 23, 21, 20, 3), (1, 2, 1, 2), 5.3636),
        (600, 2, (38172, 3736, 1139, 36620, 9), (1232, 901, 77, 716), 291.2395),
        (3600, 2, (183379, 4099, 1587, 169781, 17), (10679, 2190, 47, 2089), 1662.7034),
    ],
)
def test_figures_are_those_of_coortweet(
    russian: Shares,
    window: int,
    least: int,
    numbers: tuple[int, ...],
    kept: tuple[int, ...],
    mean: float,
) -> None:
    found = coortweet.co_shares(russian, window_seconds=window, min_participation=least)
    edges = coortweet.edges(found)
    heavy = coortweet.heavier(edges, coortweet.threshold(edges, 0.5))
    sizes = coortweet.component_sizes(heavy)
    objects = len(set(found.object.tolist()))
    assert (len(found), accounts(found), objects, len(edges), edges.weight.max()) == numbers
    assert (len(heavy), sum(sizes), len(sizes), sizes[0]) == kept
    assert found.delta.mean() / 1e6 == pytest.approx(mean, abs=5e-5)


@pytest.mark.realdata
def test_loops_are_kept_as_coortweet_keeps_them(russian: Shares) -> None:
    found = coortweet.co_shares(russian, window_seconds=10, min_participation=5, keep_loops=True)
    assert (len(found), accounts(found)) == (60, 30)


@pytest.mark.realdata
def test_a_fast_sub_network_is_coortweet_s(russian: Shares) -> None:
    found = coortweet.co_shares(russian, window_seconds=600, min_participation=2)
    edges = coortweet.edges(found)
    heavy = coortweet.heavier(edges, coortweet.threshold(edges, 0.99))
    assert (len(heavy), heavy.weight.min()) == (215, 3)
    quick = coortweet.edges(
        coortweet.fast_co_shares(russian, found, window_seconds=120, min_participation=2)
    )
    heavy = coortweet.heavier(quick, coortweet.threshold(quick, 0.99))
    assert (sum(coortweet.component_sizes(heavy)), len(heavy)) == (36, 25)
