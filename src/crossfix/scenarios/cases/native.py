"""Names of accounts and of events as their services give them."""

from __future__ import annotations

from datetime import datetime
from random import Random

import xxhash

from crossfix.scenarios.cases.grammar import invented

HOSTS = ("harbour.example", "meadow.example", "granite.example")
"""The Mastodon servers of every world."""

_HANDLES = ("{a}_{b}", "{a}{b}", "{a}{n}", "{a}.{b}", "the{a}{b}", "{a}_{n}", "{b}{a}{n}")
_COLLECTIONS = {"repost": "app.bsky.feed.repost", "profile": "app.bsky.actor.profile"}
_X_EPOCH_MS = 1_288_834_974_657


def native_account(rng: Random, service: str) -> str:
    """Return a new account's name on a service, made alike for everybody."""
    handle = rng.choice(_HANDLES).format(
        a=invented(rng), b=invented(rng, 1), n=rng.randint(1, 9999)
    )
    match service:
        case "mastodon":
            return f"{handle.replace('.', '_')}@{rng.choice(HOSTS)}"
        case "bluesky":
            return f"did:plc:{rng.getrandbits(96):024x}"
        case "youtube":
            return f"UC{rng.getrandbits(88):022x}"
        case "telegram":
            return f"user{rng.randint(10**8, 10**10)}"
        case "email":
            return f"{handle}@{invented(rng)}mail.example"
        case "atlas" | "meridian":
            return f"user-{rng.getrandbits(48):012x}"
        case _:
            return handle


def native_event(service: str, account: str, action: str, time: datetime, seed: str) -> str:
    """Return the id that a service gives to what an account did, made from ``seed``."""
    number = xxhash.xxh3_64_intdigest(seed.encode())
    match service:
        case "mastodon":
            handle, _, host = account.partition("@")
            ending = "/activity" if action == "repost" else ""
            return f"https://{host}/users/{handle}/statuses/{number % 10**15}{ending}"
        case "bluesky":
            uri = f"at://{account}/{_COLLECTIONS.get(action, 'app.bsky.feed.post')}"
            return (
                f"{uri}/self@bafy{number:016x}" if action == "profile" else f"{uri}/3{number:016x}"
            )
        case "x":
            milliseconds = int(time.timestamp() * 1000) - _X_EPOCH_MS
            return str((milliseconds << 22) + number % (1 << 22))
        case _:
            return f"{number:016x}"
