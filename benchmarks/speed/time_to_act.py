"""From the k-th coordinated event to the guard's first changed decision, with everything running.

`crossfix serve` with all that goes with it answers on this machine. Events come to POST /v1/events
at a steady rate, each from an account of its own with words of its own; among them, again and
again, ``--actors`` accounts say nearly the same. A bystander meanwhile asks POST /v1/decide about
that text, ten times a second. Measured is the time from the moment at which the last
of them was sent to the first decision about the text that is not "allow".
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

import crossfix
from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table

SPOKEN = (
    "harbour council bridge window orchard letter railway market garden lantern valley winter "
    "engine painter village copper silver forest meadow island kitchen teacher doctor farmer "
    "weather history station picture journey promise evening morning thunder pepper ribbon "
    "castle museum ticket planet shadow river summit harvest compass anchor feather candle mirror"
)
WORDS = SPOKEN.split()
UPSTREAM = "http://127.0.0.1:9/v1"
ASK_SECONDS = 0.1
GIVE_UP_SECONDS = 30.0


def said(rng: random.Random, words: int = 18) -> str:
    """Return a text that nobody else says."""
    return " ".join(rng.choice(WORDS) + rng.choice(["", "s", "ly"]) for _ in range(words))


def varied(rng: random.Random, text: str) -> str:
    """Return nearly the same text."""
    words = text.split()
    words[rng.randrange(len(words))] = rng.choice(WORDS)
    return " ".join(words)


def event(account: str, text: str) -> dict[str, Any]:
    """Return an event as an application sends it."""
    return {
        "service": "forum", "surface": "social", "account": f"forum:{account}", "action": "post",
        "time": datetime.now(UTC).isoformat(), "text": text,
        "id": f"{account}-{time.time_ns()}",
    }  # fmt: skip


class Load:
    """Ordinary events at a rate, until it is stopped."""

    def __init__(self, session: aiohttp.ClientSession, rate: int, seed: int) -> None:
        self._session, self._rate, self._rng = session, rate, random.Random(seed)
        self.sent, self.began = 0, time.monotonic()
        self.refused = 0

    async def run(self) -> None:
        """Send a lot every tenth of a second, as many as are due."""
        while True:
            due = int((time.monotonic() - self.began) * self._rate) - self.sent
            if due > 0:
                lot = [
                    event(f"p{self._rng.randrange(50_000)}", said(self._rng)) for _ in range(due)
                ]
                async with self._session.post("/v1/events", json=lot) as answer:
                    self.refused += answer.status >= 300
                self.sent += due
            await asyncio.sleep(0.1)


async def first_change(session: aiohttp.ClientSession, text: str, account: str) -> float:
    """Return when a decision about a text is first another one than to allow it."""
    end = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < end:
        body = {"account": account, "texts": [text]}
        async with session.post("/v1/decide", json=body) as answer:
            found = await answer.json()
        reasons = {r["code"] for r in found.get("reasons", ())}
        if found["decision"] != "allow" and "content_swarm" in reasons:
            return time.monotonic()
        await asyncio.sleep(ASK_SECONDS)
    return float("inf")


async def wave(session: aiohttp.ClientSession, number: int, actors: int) -> float:
    """Let accounts act together once; return the seconds until the guard acts."""
    rng = random.Random(10_000 + number)
    text = said(rng)
    for actor in range(actors - 1):
        async with session.post(
            "/v1/events", json=[event(f"w{number}-{actor}", varied(rng, text))]
        ) as answer:
            answer.raise_for_status()
        await asyncio.sleep(rng.uniform(0.05, 0.3))
    began = time.monotonic()
    async with session.post(
        "/v1/events", json=[event(f"w{number}-{actors}", varied(rng, text))]
    ) as answer:
        answer.raise_for_status()
    return await first_change(session, varied(rng, text), f"asks{number}") - began


async def measure(given: argparse.Namespace, url: str) -> tuple[list[float], Load]:
    """Return the seconds of each wave under load."""
    async with aiohttp.ClientSession(url) as session:
        load = Load(session, given.rate, seed=1)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(given.warm_seconds)
        took = []
        for number in range(given.waves):
            took.append(await wave(session, number, given.actors))
            print(f"wave {number}: {took[-1]:.2f} s", file=sys.stderr, flush=True)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return took, load


async def served(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Start `crossfix serve` and return it with its address."""
    command = [sys.executable, "-m", "crossfix", "serve", "--open", "--port", "0",
               "--upstream", UPSTREAM, "--data", str(folder / "data")]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(crossfix.__file__).parents[1])},
    )
    assert process.stderr is not None
    while line := (await process.stderr.readline()).decode():
        if line.startswith("crossfix is at "):
            return process, line.removeprefix("crossfix is at ").strip()
    raise RuntimeError("crossfix serve did not start")


async def run(given: argparse.Namespace) -> tuple[list[float], Load, float]:
    """Return the seconds of each wave, what was sent, and for how long."""
    with tempfile.TemporaryDirectory() as folder:
        process, url = await served(Path(folder))
        assert process.stderr is not None
        drained = asyncio.create_task(process.stderr.read())
        try:
            took, load = await measure(given, url)
            return took, load, load.sent / (time.monotonic() - load.began)
        finally:
            process.terminate()
            await process.wait()
            drained.cancel()


def main() -> int:
    """Measure; return 1 if the aim is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rate", type=int, default=500, help="ordinary events a second")
    parser.add_argument("--waves", type=int, default=40)
    parser.add_argument("--actors", type=int, default=5)
    parser.add_argument("--warm-seconds", type=float, default=20.0)
    given = parser.parse_args()
    print(header(1), flush=True)
    took, load, rate = asyncio.run(run(given))
    seconds = np.array(took)
    rows = [(given.waves, int(np.isinf(seconds).sum()), *np.round(np.quantile(
        seconds, [0.5, 0.95, 1.0]), 2), round(rate), load.refused)]  # fmt: skip
    table(("waves", "never acted on", "p50 s", "p95 s", "max s", "events a second sent",
           "refused lots"), rows)  # fmt: skip
    aims = Aims()
    aims.most("p95 of the time to act", float(np.quantile(seconds, 0.95)), 5.0)
    aims.least("events a second", rate, 0.95 * given.rate)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
