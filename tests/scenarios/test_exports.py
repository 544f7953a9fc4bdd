import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.events.readers.read import read_files
from crossfix.events.readers.reader import ReadOptions
from crossfix.scenarios.registry import SCENARIOS, build
from crossfix.scenarios.writing import write_world

POSTS = 20_000
OPTIONS = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    SCENARIOS["demo"].write(build("demo", POSTS, 1), out, lambda more: None)
    return out


def labels(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_readers_read_every_post_of_the_demo(demo: Path) -> None:
    files = [demo / name for name in ("x.csv", "facebook.jsonl", "telegram.json", "chats.jsonl")]
    reading = read_files(files, OPTIONS)
    known = {f"{row['service']}:{row['account']}" for row in labels(demo)}
    counts: Counter[str] = Counter()
    for batch in reading:
        for event in batch.select(["service", "action", "account"]).to_pylist():
            counts[event["service"]] += 1
            counts[event["action"]] += 1
            assert event["account"] in known
    assert counts["x"] + counts["facebook"] + counts["telegram"] == POSTS
    assert counts["prompt"] == counts["completion"] > 300
    assert counts["repost"] > 2000
    assert [tally.format for tally in reading.tallies] == ["csv", "jsonl", "telegram", "chat-log"]
    assert not any(tally.skipped for tally in reading.tallies)


def test_the_readers_read_every_world_as_it_was_made(tmp_path: Path) -> None:
    world = build("operations", POSTS, 2)
    write_world(world, tmp_path)
    known = {f"{row['service']}:{row['account']}" for row in labels(tmp_path)}
    reading = read_files([tmp_path / "posts.parquet"], OPTIONS)
    rows = [
        row
        for batch in reading
        for row in batch.select(["action", "account", "urls", "parent"]).to_pylist()
    ]
    posts = world.posts
    assert len(rows) == POSTS
    assert not reading.tallies[0].skipped
    assert {row["account"] for row in rows} <= known
    assert sum(row["action"] == "repost" for row in rows) == (posts["repost"] >= 0).sum()
    assert sum(row["parent"] is not None for row in rows) == (posts["reply"] >= 0).sum()
    assert sum(bool(row["urls"]) for row in rows) == (posts["url"] >= 0).sum()


def test_an_operations_drafts_were_written_before_its_accounts_posted_them(demo: Path) -> None:
    operations = {row["account"]: row["operation"] for row in labels(demo)}
    drafted = {}
    for line in (demo / "chats.jsonl").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if operations[call["user"]]:
            for draft in call["choices"][0]["message"]["content"].splitlines():
                drafted[draft.partition(". ")[2]] = (call["created"], operations[call["user"]])
    assert len(drafted) > 50
    sighted = 0
    with (demo / "x.csv").open(encoding="utf-8", newline="") as file:
        for post in csv.DictReader(file):
            body = " ".join(
                w for w in post["text"].split(" ") if w[:1] not in "#@" and "://" not in w
            )
            if post["is_retweet"] == "false" and body in drafted:
                time, operation = drafted[body]
                assert operation == operations[post["account"]]
                posted = datetime.fromisoformat(post["created_at"]).timestamp()
                assert 0 < posted - time < 2 * 3600
                sighted += 1
    assert sighted > 50


def test_the_demo_writes_the_same_bytes_again(demo: Path, tmp_path: Path) -> None:
    again = SCENARIOS["demo"].write(build("demo", POSTS, 1), tmp_path, lambda more: None)
    assert len(again) == 6
    for path in again:
        assert path.read_bytes() == (demo / path.name).read_bytes()
