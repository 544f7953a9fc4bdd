"""From the k-th coordinated event to the guard's first changed decision, with everything running.

`crossfix serve` with all that goes with it answers on this machine. Events come to POST /v1/events
at a steady rate, each from an account of its own with words of its own; among them, again and
again, ``--actors`` accounts say nearly the same. A bystander meanwhile asks POST /v1/decide about
that text, ten times a second. Measured is the time from the moment at which the last
of them was sent to the first decision about the text that is not "allow". Then a person confirms
campaigns, one after the other: measured is the time from the end of each confirmation. The
registry holds ``--campaigns`` confirmed campaigns of twenty texts each from the beginning.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import numpy as np

import crossfix
from benchmarks.machine import header
from benchmarks.quality.aims import Aims, table
from crossfix.campaigns.campaign import Campaign, Change, Mark
from crossfix.live.confirming import confirm
from crossfix.store.registry import CampaignTable, StoredCampaign, StoredChange, open_registry
from crossfix.store.vault import Vault

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


async def first_change(
    session: aiohttp.ClientSession, text: str, account: str, code: str = "content_swarm"
) -> float:
    """Return when a decision about a text is first another one than to allow it."""
    end = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < end:
        body = {"account": account, "texts": [text]}
        async with session.post("/v1/decide", json=body) as answer:
            found = await answer.json()
        reasons = {r["code"] for r in found.get("reasons", ())}
        if found["decision"] != "allow" and code in reasons:
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


def campaign(number: int) -> tuple[StoredCampaign, list[str]]:
    """Return a campaign as a hunt keeps it, and twenty texts that it is recognised by."""
    rng = random.Random(1_000_000 + number)
    texts = [said(rng) for _ in range(20)]
    now = datetime.now(UTC)
    document = Campaign(
        id=f"c-{number:010d}", members=(), coordination=0.9, inauthenticity=0.9, parts={},
        p_value=1e-9, density=1.0, services=("forum",), first=now, last=now,
        kinds={"near_text": 20}, summary="", tags=(), breakout=1, breakout_because="",
        change=Change(what="new"),
        marks=tuple(Mark(kind="near_text", value=text, members=5) for text in texts),
    )  # fmt: skip
    stored = StoredCampaign(
        id=document.id, coordination=0.9, inauthenticity=0.9, services=("forum",), first=now,
        last=now, summary="", breakout=1, document=msgspec.to_builtins(document), members=(),
    )  # fmt: skip
    return stored, texts


def keep(data: Path, numbers: range, *, confirmed: bool) -> None:
    """Keep campaigns in the registry, and confirm them."""
    data.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    with open_registry(f"sqlite:///{data}/registry.sqlite") as registry:
        rows = [(campaign(n)[0], StoredChange(what="new")) for n in numbers]
        CampaignTable(registry).save(rows, now=now)
        for stored, _ in rows if confirmed else ():
            vault = Vault(registry, bytes(32))
            confirm(registry, stored.id, now=now, until=now + timedelta(days=90), vault=vault)


async def confirmation(session: aiohttp.ClientSession, data: Path, number: int) -> float:
    """Confirm a campaign; return the seconds until the guard acts."""
    stored, texts = campaign(number)

    def one() -> None:
        now = datetime.now(UTC)
        with open_registry(f"sqlite:///{data}/registry.sqlite") as registry:
            vault = Vault(registry, bytes(32))
            confirm(registry, stored.id, now=now, until=now + timedelta(days=90), vault=vault)

    await asyncio.to_thread(one)
    began = time.monotonic()
    text = varied(random.Random(number), texts[3])
    return await first_change(session, text, f"sees{number}", "content_fingerprint") - began


async def measure(
    given: argparse.Namespace, url: str, data: Path
) -> tuple[list[float], list[float], Load]:
    """Return the seconds of each wave and of each confirmation under load."""
    async with aiohttp.ClientSession(url) as session:
        load = Load(session, given.rate, seed=1)
        running = asyncio.create_task(load.run())
        await asyncio.sleep(given.warm_seconds)
        took = []
        for number in range(given.waves):
            took.append(await wave(session, number, given.actors))
            print(f"wave {number}: {took[-1]:.2f} s", file=sys.stderr, flush=True)
        confirmed = []
        for number in range(given.campaigns, given.campaigns + given.confirmations):
            confirmed.append(await confirmation(session, data, number))
            print(f"confirmed {number}: {confirmed[-1]:.2f} s", file=sys.stderr, flush=True)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return took, confirmed, load


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


async def run(given: argparse.Namespace) -> tuple[list[float], list[float], Load, float]:
    """Return the seconds of each wave and confirmation, what was sent, and for how long."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        keep(data, range(given.campaigns), confirmed=True)
        more = range(given.campaigns, given.campaigns + given.confirmations)
        keep(data, more, confirmed=False)
        process, url = await served(Path(folder))
        assert process.stderr is not None
        drained = asyncio.create_task(process.stderr.read())
        try:
            took, confirmed, load = await measure(given, url, data)
            return took, confirmed, load, load.sent / (time.monotonic() - load.began)
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
    parser.add_argument("--campaigns", type=int, default=250, help="confirmed from the beginning")
    parser.add_argument("--confirmations", type=int, default=20)
    parser.add_argument("--warm-seconds", type=float, default=20.0)
    given = parser.parse_args()
    print(header(1), flush=True)
    took, confirmed, load, rate = asyncio.run(run(given))
    waves, people = np.array(took), np.array(confirmed)
    rows = [
        (name, len(seconds), int(np.isinf(seconds).sum()),
         *np.round(np.quantile(seconds, [0.5, 0.95, 1.0]), 2), round(rate), load.refused)
        for name, seconds in (("waves", waves), ("confirmations", people)) if len(seconds)
    ]  # fmt: skip
    table(("from", "how many", "never acted on", "p50 s", "p95 s", "max s",
           "events a second sent", "refused lots"), rows)  # fmt: skip
    aims = Aims()
    aims.most("p95 of the time to act", float(np.quantile(waves, 0.95)), 5.0)
    if len(people):
        aims.most("p95 after a confirmation", float(np.quantile(people, 0.95)), 5.0)
    aims.least("events a second", rate, 0.95 * given.rate)
    return aims.close()


if __name__ == "__main__":
    sys.exit(main())
