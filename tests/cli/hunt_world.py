"""A small world to hunt through, written as a CSV of posts, and the command run on it."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crossfix.cli import main

START = datetime(2026, 1, 5, tzinfo=UTC)
COLUMNS = ("post_id", "account", "created_at", "text", "service")
Post = dict[str, str]

OPERATION, NEWSROOM, ORDINARY = 10, 6, 120
DAYS = 20


def words(rng: random.Random, count: int = 9) -> str:
    """A text of its own: no two are alike."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(count))


def post(account: str, at: datetime, text: str, service: str = "x") -> Post:
    number = f"{account}-{at:%d%H%M%S%f}"
    return {"post_id": number, "account": account, "created_at": at.isoformat(), "text": text,
            "service": service}  # fmt: skip


def live(rng: random.Random, account: str, posts: int = 10) -> list[Post]:
    """What a person posts: words of their own, now and then a link that others share as well."""
    made = []
    for _ in range(posts):
        at = START + timedelta(seconds=rng.uniform(0, DAYS * 86_400))
        link = f" https://paper.example/{rng.randrange(40)}" if rng.random() < 0.4 else ""
        made.append(post(account, at, words(rng) + link))
    return made


def act_as_one(rng: random.Random, accounts: list[str], stories: int, name: str) -> list[Post]:
    """Accounts that post the same words and the same link within two minutes."""
    made = []
    for number in range(stories):
        at = START + timedelta(seconds=rng.uniform(0, DAYS * 86_400))
        text = f"{words(rng)} https://{name}.example/story/{number}"
        made += [post(a, at + timedelta(seconds=rng.uniform(0, 120)), text) for a in accounts]
    return made


def operation(size: int = OPERATION) -> list[str]:
    return [f"op_{n}" for n in range(size)]


def newsroom() -> list[str]:
    return [f"news_{n}" for n in range(NEWSROOM)]


def world(joined: int = 0) -> list[Post]:
    """Ordinary people, an operation and a newsroom; ``joined`` accounts more in the operation."""
    rng = random.Random(7)
    made: list[Post] = []
    for number in range(ORDINARY):
        made += live(rng, f"user_{number}")
    for account in [*operation(), *newsroom()]:
        made += live(rng, account, 5)
    made += act_as_one(rng, newsroom(), 20, "news")
    made += act_as_one(rng, operation(), 20, "petition")
    if joined:
        made += act_as_one(rng, operation(OPERATION + joined), 15, "petition-two")
    return sorted(made, key=lambda p: (p["created_at"], p["post_id"]))


def as_csv(posts: Iterable[Post]) -> str:
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(posts)
    return out.getvalue()


def hunt(*arguments: str | Path) -> int:
    """Run ``crossfix hunt`` in this process and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(["hunt", *map(str, arguments)])
    return int(ended.value.code or 0)


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "accounts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def campaigns(out: Path) -> list[dict]:
    lines = (out / "campaigns.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def campaign_of(out: Path, account: str) -> dict:
    """The campaign that an account is in."""
    (found,) = (c for c in campaigns(out) if account in members(c))
    return found


def members(campaign: dict) -> set[str]:
    return {m["account"] for m in campaign["members"]}
