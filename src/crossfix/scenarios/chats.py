"""What was asked of a model in a world: an operation's drafts among other people's questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crossfix.scenarios.naming import token
from crossfix.scenarios.text import bodies
from crossfix.scenarios.world import DAY, SECOND, START, World
from crossfix.scenarios.writing import Label

SERVICE = "ai"
MODEL = "atlas-chat-2"
KEYS_PER_OPERATION = 2
ORDINARY_USERS = 60
ORDINARY_CALLS = 400
LEAD_SECONDS = 1800
"""A draft is asked for at most so long before it is posted, and at least a minute."""

Indices = NDArray[np.int64]


def write_chats(world: World, path: Path) -> tuple[Path, list[Label]]:
    """Write calls of an AI service as lines of JSON; return the path and its accounts' labels.

    Where an operation paraphrases, each of its messages was drafted by one call: the answer lists
    the very texts that its accounts post afterwards. Other users ask about other things.
    """
    calls = sorted([*_drafts(world), *_questions(world)], key=lambda call: call["created"])
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, call in enumerate(calls):
            name = {"id": token("chatcmpl-", world.seed, number), "object": "chat.completion"}
            file.write(json.dumps({**name, **call}, ensure_ascii=False) + "\n")
    return path, [*_operators(world), *_users(world)]


def _drafts(world: World) -> Iterator[dict[str, Any]]:
    """Yield a call for each message that accounts of an operation paraphrase."""
    rng = np.random.default_rng([world.seed, 1])
    posts = world.posts
    operation = np.array(world.names.operation)[posts["account"]]
    mine = np.flatnonzero((operation != "") & (posts["variant"] > 0) & (posts["repost"] < 0))
    mine = mine[np.lexsort((posts["time"][mine], posts["text"][mine]))]
    starts = np.flatnonzero(np.diff(posts["text"][mine], prepend=np.uint64(0)))
    for rows in np.split(mine, starts[1:]) if len(mine) else []:
        drafts = _bodies(world, rows)
        name = str(operation[rows[0]])
        asked = int(posts["time"][rows[0]]) - int(rng.uniform(60, LEAD_SECONDS) * SECOND)
        key = token("key-", world.seed, name, int(rng.integers(KEYS_PER_OPERATION)))
        request = f"Write {len(drafts)} different posts, each as if by another person, that say: "
        answer = "\n".join(f"{n}. {draft}" for n, draft in enumerate(drafts, 1))
        yield _call(asked, key, request + drafts[0], answer)


def _questions(world: World) -> Iterator[dict[str, Any]]:
    """Yield calls of users who have nothing to do with anything."""
    rng = np.random.default_rng([world.seed, 2])
    pool = np.flatnonzero((world.posts["repost"] < 0) & (world.posts["variant"] == 0))
    posts = rng.choice(pool, ORDINARY_CALLS)
    number = rng.integers(2**63, size=ORDINARY_CALLS, dtype=np.uint64)
    answers = bodies(
        number,
        np.zeros(ORDINARY_CALLS, np.int32),
        world.posts["language"][posts],
        np.full(ORDINARY_CALLS, 4, np.int8),
        world.paraphrase,
    ).to_pylist()
    for question, answer in zip(_bodies(world, posts), answers, strict=True):
        asked = START + int(rng.uniform(0, world.days) * DAY)
        user = token("user-", world.seed, int(rng.integers(ORDINARY_USERS)))
        yield _call(asked, user, f"What do you think of this? {question}", answer)


def _call(time: int, user: str, prompt: str, answer: str) -> dict[str, Any]:
    """Return one call in the shape that OpenAI-style logs have."""
    return {
        "created": int(datetime.fromtimestamp(time / 1e6, UTC).timestamp()),
        "model": MODEL,
        "provider": SERVICE,
        "user": user,
        "messages": [{"role": "user", "content": prompt}],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(answer) // 4},
    }


def _bodies(world: World, rows: Indices) -> list[str]:
    """Return the words of posts, without the links and tags around them."""
    posts = world.posts
    texts: list[str] = bodies(
        posts["text"][rows],
        posts["variant"][rows],
        posts["language"][rows],
        posts["sentences"][rows],
        world.paraphrase,
    ).to_pylist()
    return texts


def _operators(world: World) -> Iterator[Label]:
    posts, names = world.posts, world.names
    drafting = np.unique(posts["account"][(posts["variant"] > 0) & (posts["repost"] < 0)])
    found = {names.operation[a]: names.kind[a] for a in drafting.tolist() if names.operation[a]}
    for operation, kind in found.items():
        for number in range(KEYS_PER_OPERATION):
            key = token("key-", world.seed, operation, number)
            yield key, SERVICE, 1, operation, kind, "operation", f"p-{key}"


def _users(world: World) -> Iterator[Label]:
    for number in range(ORDINARY_USERS):
        user = token("user-", world.seed, number)
        yield user, SERVICE, 0, "", "ordinary", "person", f"p-{user}"
