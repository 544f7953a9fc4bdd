"""Peak memory of a hunt where one link, or one post, is shared a million times."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import header
from benchmarks.measure import cost_of, hunt
from crossfix.scenarios.benign import Viral
from crossfix.scenarios.people import People
from crossfix.scenarios.registry import with_viral
from crossfix.scenarios.world import World
from crossfix.scenarios.writing import write_world

GOAL_BYTES = 4_000_000_000
ORDINARY_SHARE = 0.05
POSTS_PER_ACCOUNT = 0.2
"""Ordinary posts an account: a fifth of a million accounts share the viral key."""


def viral_world(shares: int, seed: int, *, reposts: bool) -> World:
    """Return a world in which one key is shared ``shares`` times: by link, or by repost."""
    wanted = int(shares / (1 - ORDINARY_SHARE)) + 20
    world = World("viral", wanted, seed)
    viral = Viral(share_of_posts=1 - ORDINARY_SHARE, repost_share=float(reposts), button_share=0.0)
    with_viral(
        world,
        viral,
        People(posts_per_account=POSTS_PER_ACCOUNT, service_shares=(1.0, 0.0, 0.0, 0.0)),
    )
    return world


def main() -> int:
    """Measure and print; return 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shares", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(header(given.seed), flush=True)
    worst = 0
    for name, reposts in (("link", False), ("post", True)):
        with tempfile.TemporaryDirectory() as folder:
            world = viral_world(given.shares, given.seed, reposts=reposts)
            path = write_world(world, Path(folder) / "world")[0]
            accounts = len(world.accounts)
            del world
            cost = cost_of(hunt([path], Path(folder) / "out"))
        print(f"one {name} shared {given.shares:,} times by up to {accounts:,} accounts: {cost}; "
              f"goal {GOAL_BYTES / 1e6:,.0f} MB", flush=True)  # fmt: skip
        worst = max(worst, cost.peak_bytes)
    return int(worst > GOAL_BYTES)


if __name__ == "__main__":
    sys.exit(main())
