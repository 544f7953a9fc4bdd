from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import ColumnError
from crossfix.scenarios.permute import HOUR_MICROSECONDS, permute_accounts


def table(rows: list[tuple[int, str, int]]) -> pa.Table:
    account, kind, time = zip(*rows, strict=True) if rows else ((), (), ())
    names = [f"a{number}" for number in account]
    return pa.table(
        {
            "account": pa.array(names, pa.string()),
            "platform": pa.array([f"p-{name}" for name in names], pa.string()),
            "kind": pa.array(kind, pa.string()),
            "timestamp": pa.array(time, pa.int64()),
            "object": pa.array([f"o{i}" for i in range(len(rows))], pa.string()),
        }
    )


rows = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(["url", "tag"]), st.integers(0, 5 * HOUR_MICROSECONDS)
    ),
    max_size=60,
)


def degrees(t: pa.Table) -> Counter[tuple[str, str, int]]:
    return Counter(
        (r["account"], r["kind"], r["timestamp"] // HOUR_MICROSECONDS) for r in t.to_pylist()
    )


@settings(deadline=None, max_examples=60)
@given(rows, st.integers(0, 2**32))
def test_permuting_keeps_each_accounts_activity_in_each_kind_and_hour(
    made: list[tuple[int, str, int]], seed: int
) -> None:
    before = table(made)
    after = permute_accounts(before, seed=seed)
    assert degrees(after) == degrees(before)
    assert after.select(["kind", "timestamp", "object"]).equals(
        before.select(["kind", "timestamp", "object"])
    )
    assert all(r["platform"] == f"p-{r['account']}" for r in after.to_pylist())


def test_permuting_moves_most_accounts_and_repeats_with_its_seed() -> None:
    before = table([(i, "url", i) for i in range(1000)])
    after = permute_accounts(before, seed=5)
    moved = sum(
        a != b
        for a, b in zip(before["account"].to_pylist(), after["account"].to_pylist(), strict=True)
    )
    assert moved > 950
    assert after.equals(permute_accounts(before, seed=5))
    assert not after.equals(permute_accounts(before, seed=6))


def test_every_account_of_a_group_is_as_likely_in_every_row() -> None:
    before = table([(i, "url", i) for i in range(4)])
    seen = Counter(
        (row, account)
        for seed in range(400)
        for row, account in enumerate(permute_accounts(before, seed=seed)["account"].to_pylist())
    )
    counts = np.array([seen[(r, f"a{a}")] for r in range(4) for a in range(4)])
    assert counts.min() > 60
    assert counts.max() < 140


def test_a_table_without_what_is_needed_is_refused() -> None:
    with pytest.raises(ColumnError, match="account"):
        permute_accounts(pa.table({"timestamp": [1]}), seed=0)
    with pytest.raises(ColumnError, match="time"):
        permute_accounts(pa.table({"account": ["a"]}), seed=0)
    with pytest.raises(ColumnError, match="place"):
        permute_accounts(pa.table({"account": ["a"], "time": [1]}), by=("place",), seed=0)
