"""What the live worker costs a gateway request: log, vault, index and what models said, in CPU.

Each request leaves a prompt of 110 words and a completion, sealed in an event log as the gateway
seals them; the worker's own `Watch` takes them in by turns. Completions are prose of 70 words or a
list of seven drafts, none like another. Figures are CPU milliseconds of this thread after the
compiled code was loaded: the mean, and the least of the turns, which a busy machine disturbs less.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from crossfix.config.live import LiveSettings
from crossfix.events import Event
from crossfix.live.warming import warm
from crossfix.live.watch import Watch
from crossfix.store.log import open_log
from crossfix.store.registry import open_registry
from crossfix.store.vault import Vault, VaultLog

SYLLABLES = ("ba", "co", "di", "fu", "ga", "he", "ji", "ko", "lu", "me", "no", "pa", "ri", "so")
ACCOUNTS, MANY = 1_000, 400
SETTLING = 3
"""Turns that are not counted."""


def spoken(rng: random.Random) -> Callable[[int], str]:
    """Return what says so many words by chance."""
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(2_000)]
    return lambda many: " ".join(rng.choices(words, k=many))


def requests(rng: random.Random, drafts: int) -> Iterator[tuple[Event, Event]]:
    """Yield the prompt and the completion of one request after the other."""
    said, began, number = spoken(rng), datetime.now(UTC), 0
    while True:
        time = began + timedelta(milliseconds=number)
        prompt = Event(
            id=f"{2 * number:032x}", time=time, received=time, service="gateway", surface="ai",
            account=f"gateway:u{number % ACCOUNTS}", action="prompt", text=said(110),
            attributes={"model": "m", "ip": f"198.51.{number % 7}.{number % 250}"},
        )  # fmt: skip
        text = "\n".join(f"{n}. {said(25)}" for n in range(1, drafts + 1)) or said(70)
        completion = Event(
            id=f"{2 * number + 1:032x}", time=time, received=time, service="gateway", surface="ai",
            account=prompt.account, action="completion", text=text, parent=prompt.id,
            attributes={**prompt.attributes, "native": f"chatcmpl-{number}"},
        )  # fmt: skip
        yield prompt, completion
        number += 1


def measured(turns: int, at_once: int, drafts: int) -> list[float]:
    """Return the milliseconds of CPU a request, by turns."""
    asked, costs = requests(random.Random(7), drafts), []
    with (
        tempfile.TemporaryDirectory() as folder,
        open_registry(f"sqlite:///{folder}/registry.sqlite") as registry,
        open_log(f"sqlite:///{folder}/events.sqlite") as log,
    ):
        kept = VaultLog(log, Vault(registry, b"0" * 32))
        watch = Watch(VaultLog(log, Vault(registry, b"0" * 32)), registry, LiveSettings())
        watch.start(time.time())
        for _ in range(turns + SETTLING):
            kept.append_events([event for _ in range(at_once) for event in next(asked)])
            began = time.thread_time()
            watch.turn(time.time())
            costs.append((time.thread_time() - began) / at_once * 1e3)
    return costs[SETTLING:]


def main() -> int:
    """Measure; return 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=15)
    given = parser.parse_args()
    print(header(1), flush=True)
    warm()
    aims = Aims()
    rows: list[tuple[object, ...]] = []
    for name, drafts in (("prose", 0), ("seven drafts", 7)):
        for at_once in (MANY, 100, 25):
            costs = measured(given.turns, at_once, drafts)
            mean = sum(costs) / len(costs)
            rows.append((name, at_once, mean, min(costs)))
            if at_once == MANY:
                aims.most(f"{name}: CPU ms a request, {MANY} at once", mean, 0.15)
    table(("completions", "requests a turn", "CPU ms a request, mean", "least"), rows)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
