"""People, AI services and what their models wrote: logs and posts as files."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.cli.hunt_world import START

COLUMNS = ("post_id", "account", "created_at", "text", "service")

_PEOPLE = ("my sister", "our neighbour", "the coach", "a colleague", "that baker", "grandma",
           "the mayor", "some cyclist", "the new teacher", "my landlord", "a tourist")  # fmt: skip
_DID = ("repaired", "forgot", "painted", "cooked", "lost", "borrowed", "sold", "found", "praised",
        "photographed", "watched", "dropped", "cleaned", "wrapped", "returned")  # fmt: skip
_WHAT = ("an old bicycle", "two tickets", "the kitchen table", "a pot of soup", "her umbrella",
         "the garden gate", "a stack of books", "the train set", "seven apples", "his guitar",
         "a broken kite", "the blue car", "three letters", "our tent", "the radio")  # fmt: skip
_WHEN = ("before breakfast", "in the rain", "on the way home", "after the match", "last Tuesday",
         "near the harbour", "while it snowed", "at the market", "during lunch",
         "behind the station")  # fmt: skip
_SO = ("and nobody noticed", "which made me laugh", "so we stayed for an hour longer",
       "and I am still amazed", "as on every day of this week", "for no reason at all",
       "and the dog approved", "to everyone's surprise", "from seven until half past ten",
       "just before we have to leave", "with the doors open", "and again tomorrow morning",
       "by appointment, as we have it every winter", "and it is ours at last")  # fmt: skip


def chatter(rng: random.Random) -> str:
    """What a person says; words are common, their order hardly ever."""
    parts = [rng.choice(of) for of in (_PEOPLE, _DID, _WHAT, _WHEN, _SO)]
    return f"{' '.join(parts)} {rng.randrange(10_000)}"


def post(account: str, at: datetime, text: str, service: str = "x") -> dict[str, str]:
    return {"post_id": f"{service}-{account}-{at.timestamp():.6f}", "account": account,
            "created_at": at.isoformat(), "text": text, "service": service}  # fmt: skip


def crowd(rng: random.Random, accounts: int = 150, posts: int = 12) -> list[dict[str, str]]:
    """Ordinary people over ten days, on two services."""
    return [
        post(f"user_{n}", START + timedelta(seconds=rng.uniform(0, 10 * 86_400)), chatter(rng),
             "x" if n % 3 else "mastodon")
        for n in range(accounts) for _ in range(posts)
    ]  # fmt: skip


def call(
    number: int, service: str, user: str, at: datetime, prompt: str, answer: str
) -> dict[str, object]:
    """One record of a log, as OpenAI-compatible gateways write it."""
    return {
        "id": f"{service}-call-{number}", "provider": service, "model": f"{service}-1",
        "user": user, "created": at.timestamp(),
        "messages": [{"role": "user", "content": prompt}],
        "choices": [{"message": {"role": "assistant", "content": answer}}],
    }  # fmt: skip


def talk(rng: random.Random, service: str, calls: int = 60) -> list[dict[str, object]]:
    """What other users of an AI service ask and are told; the manner is always the same."""
    return [
        call(n, service, f"client_{n % 20}", START + timedelta(seconds=rng.uniform(0, 9 * 86_400)),
             f"Please put this more politely: {(said := chatter(rng))}",
             f"Of course, here is a more polite version:\n\n{said}, if I may say so\n\n"
             "Let me know if you would like me to adjust the tone or the length.")
        for n in range(1_000, 1_000 + calls)
    ]  # fmt: skip


DRAFTS = (
    "Nobody on Mill Lane was asked before they drew the line through our allotments.",
    "My father planted those pear trees in 1974 and now a pylon is to stand on them.",
    "Ask the county who pays when the cable route ruins three hundred family plots.",
    "I went to the hearing. Two chairs for residents, forty for the grid company.",
    "They call it progress, we call it a pylon through the only green we have left.",
    "Third letter to the planning office, third time no answer about the allotments.",
    "If the cable can go under the river it can go under Mill Lane as well, full stop.",
)


def batch(
    drafts: Sequence[str], accounts: Sequence[tuple[str, str]], at: datetime, minutes: float = 11
) -> list[dict[str, str]]:
    """Drafts taken in turn: one an account (service, name), some minutes apart."""
    return [
        post(name, at + timedelta(minutes=minutes * (n + 1)), text, service)
        for n, (text, (service, name)) in enumerate(zip(drafts, accounts, strict=False))
    ]


def numbered(drafts: Sequence[str]) -> str:
    lines = "\n".join(f"{n}. {text}" for n, text in enumerate(drafts, 1))
    return f"Here are {len(drafts)} posts:\n\n{lines}\n\nWould you like more of them?"


def write(folder: Path, posts: list[dict[str, str]], **logs: list[dict[str, object]]) -> list[str]:
    """Write the posts and each log; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(posts, key=lambda p: (p["created_at"], p["post_id"])))
    paths = [str(folder / "posts.csv")]
    for name, calls in logs.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in calls), encoding="utf-8")
        paths.append(str(path))
    return paths
