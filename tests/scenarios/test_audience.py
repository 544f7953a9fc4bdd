from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from crossfix.scenarios.audience import with_audience

START = int(datetime(2020, 1, 1).timestamp()) * 1_000_000
DAY = 86_400_000_000


def world(seed: int) -> tuple[pa.Table, pa.Table]:
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(6000):
        operation = i % 3 == 0
        rows.append(
            {
                "post_id": f"t{i}",
                "account": f"op{i % 10}" if operation else f"b{i % 200}",
                "created_at": START + int(rng.uniform(0, 300 * DAY)) // 60_000_000 * 60_000_000,
                "text": f"{'call' if operation else 'story'} number {i} of many words",
                "is_retweet": operation or i % 3 == 1,
            }
        )
    schema = pa.schema(
        [
            ("post_id", pa.string()),
            ("account", pa.string()),
            ("created_at", pa.timestamp("us")),
            ("text", pa.string()),
            ("is_retweet", pa.bool_()),
        ]
    )
    rows.sort(key=lambda r: int(r["created_at"]))
    posts = pa.Table.from_pylist(rows, schema=schema)
    accounts = sorted({str(r["account"]) for r in rows})
    labels = pa.table(
        {
            "account": pa.array(accounts, pa.large_string()),
            "is_operation": [int(a.startswith("op")) for a in accounts],
            "operation": ["one" if a.startswith("op") else "" for a in accounts],
            "role": ["operation" if a.startswith("op") else "owner" for a in accounts],
            "person": accounts,
            "shift_days": [0] * len(accounts),
        }
    )
    return posts, labels


def reposts_of(posts: pa.Table, labels: pa.Table, role: str) -> pa.Table:
    names = labels.filter(pc.equal(labels["role"], role))["account"].combine_chunks()
    chosen = posts.filter(pc.is_in(posts["account"], names.cast(pa.string())))
    return chosen.filter(chosen["is_retweet"])


def test_an_audience_reposts_the_operation_at_the_given_share_and_delay() -> None:
    posts, labels = world(1)
    more, named = with_audience(posts, labels, accounts=200, median_delay_seconds=2700, seed=4)
    ours = reposts_of(more, named, "audience")
    first = dict(zip(posts["text"].to_pylist(), posts["created_at"].to_pylist(), strict=True))
    delays = [
        (time - first[text]).total_seconds()
        for text, time in zip(ours["text"].to_pylist(), ours["created_at"].to_pylist(), strict=True)
        if text.startswith("call")
    ]
    assert 0.25 < len(delays) / ours.num_rows < 0.36
    assert 2300 < float(np.median(delays)) < 3100
    assert min(delays) >= 0


def test_an_audience_is_added_and_nothing_else_changes() -> None:
    posts, labels = world(2)
    more, named = with_audience(posts, labels, accounts=30, median_delay_seconds=10800, seed=4)
    assert more.schema.equals(posts.schema)
    assert named.schema.equals(labels.schema)
    assert named.slice(0, labels.num_rows).equals(labels)
    added = named.slice(labels.num_rows)
    assert added.num_rows == 30
    assert set(added["is_operation"].to_pylist()) == {0}
    old = pc.is_in(more["post_id"], posts["post_id"].combine_chunks())
    assert more.filter(old).num_rows == posts.num_rows
    assert pc.count_distinct(more["post_id"]).as_py() == more.num_rows
    times = more["created_at"].to_pylist()
    assert times == sorted(times)
    assert times[-1] <= posts["created_at"].to_pylist()[-1]


def test_an_account_of_the_audience_reposts_no_text_twice_within_a_source() -> None:
    posts, labels = world(3)
    more, named = with_audience(posts, labels, accounts=40, median_delay_seconds=2700, seed=9)
    ours = reposts_of(more, named, "audience")
    pairs = list(zip(ours["account"].to_pylist(), ours["text"].to_pylist(), strict=True))
    assert len(pairs) == len(set(pairs))


def test_the_same_seed_gives_the_same_audience() -> None:
    posts, labels = world(4)
    one = with_audience(posts, labels, accounts=20, median_delay_seconds=60, seed=1)
    again = with_audience(posts, labels, accounts=20, median_delay_seconds=60, seed=1)
    other = with_audience(posts, labels, accounts=20, median_delay_seconds=60, seed=2)
    assert one[0].equals(again[0])
    assert one[1].equals(again[1])
    assert not one[0].equals(other[0])


@pytest.mark.realdata
def test_the_real_set_takes_an_audience(data_dir: Path) -> None:
    posts = pq.read_table(data_dir / "campaign_twitter/posts.parquet")
    labels = pq.read_table(data_dir / "campaign_twitter/labels.parquet")
    more, named = with_audience(posts, labels, median_delay_seconds=10800, seed=0)
    assert named.num_rows == labels.num_rows + 300
    per_account = reposts_of(more, named, "audience").num_rows / 300
    assert 40 < per_account < 110
