import csv
import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from crossfix.scenarios.registry import build
from crossfix.scenarios.writing import POSTS, batches, write_world


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    one = write_world(build("operations", 20_000, 3), tmp_path / "one")
    again = write_world(build("operations", 20_000, 3), tmp_path / "again")
    assert [p.name for p in one] == ["posts.parquet", "labels.csv", "world.json"]
    for a, b in zip(one, again, strict=True):
        assert a.read_bytes() == b.read_bytes()


def test_posts_are_in_order_of_time_with_ids_of_their_own(tmp_path: Path) -> None:
    write_world(build("demo", 20_000, 3), tmp_path)
    table = pq.read_table(tmp_path / "posts.parquet")
    assert table.schema.equals(POSTS)
    assert table.num_rows == 20_000
    ids = table["post_id"].to_pylist()
    assert len(set(ids)) == 20_000
    times = table["created_at"].to_pylist()
    assert times == sorted(times)
    known = set(ids)
    assert {i for i in table["retweet_of"].to_pylist() if i} <= known
    assert {i for i in table["in_reply_to_id"].to_pylist() if i} <= known


def test_a_repost_says_what_the_original_says_on_the_same_service(tmp_path: Path) -> None:
    write_world(build("demo", 20_000, 3), tmp_path)
    rows = pq.read_table(tmp_path / "posts.parquet").to_pylist()
    by_id = {row["post_id"]: row for row in rows}
    reposts = [row for row in rows if row["is_retweet"]]
    assert len(reposts) > 2000
    for row in reposts:
        original = by_id[row["retweet_of"]]
        assert not original["is_retweet"]
        assert row["urls"] == original["urls"]
        assert row["text"].endswith(original["text"].partition(" ")[2])
        assert row["account"] != original["account"]


def test_what_the_text_carries_is_in_the_columns_too(tmp_path: Path) -> None:
    for table in batches(build("viral", 5000, 3)):
        for row in table.to_pylist():
            for url in row["urls"]:
                assert url in row["text"]
                assert ".example/" in url
            assert all(f"#{tag}" in row["text"] for tag in row["hashtags"])
            assert all(f"@{name}" in row["text"] for name in row["mentions"])


def test_every_account_has_one_label_and_the_facts_add_up(tmp_path: Path) -> None:
    write_world(build("crossservice", 20_000, 3), tmp_path)
    table = pq.read_table(tmp_path / "posts.parquet")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    assert len({row["account"] for row in labels}) == len(labels)
    assert set(pc.unique(table["account"]).to_pylist()) <= {row["account"] for row in labels}
    members = [row for row in labels if row["is_operation"] == "1"]
    assert {row["service"] for row in members} == {
        "x", "telegram", "facebook", "web:courier.example",
    }  # fmt: skip
    facts = json.loads((tmp_path / "world.json").read_text(encoding="utf-8"))
    assert facts["accounts"] == len(labels)
    assert sum(facts["accounts_by_kind"].values()) == len(labels)
    assert facts["seed"] == 3
    assert facts["parts"][0]["tactic"] == "crossservice"
