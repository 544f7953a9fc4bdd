"""What is taken from files as a post."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossfix.events.readers import ReadOptions, Tally
from crossfix.traces.origin.files import read_posts

OPTIONS = ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC))


def posts_of(path: Path, *actions: str) -> list[str]:
    """The texts that are compared, of events of these actions."""
    rows = [
        {"id": str(n), "time": "2025-05-01T10:00:00Z", "service": "x", "account": f"x:a{n}",
         "action": action, "text": f"{action} says something of its own"}
        for n, action in enumerate(actions)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tallies: list[Tally] = []
    return [post.text for batch in read_posts([str(path)], OPTIONS, tallies) for post in batch]


@pytest.mark.parametrize("action", ["post", "reply", "message", "send", "complaint"])
def test_what_an_account_wrote_for_others_is_compared(action: str, tmp_path: Path) -> None:
    assert posts_of(tmp_path / "e.jsonl", action) == [f"{action} says something of its own"]


def test_what_only_repeats_or_reacts_is_not(tmp_path: Path) -> None:
    assert posts_of(tmp_path / "e.jsonl", "repost", "like", "follow", "login") == []
