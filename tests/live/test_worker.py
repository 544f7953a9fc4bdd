"""The live worker as a process: killed in mid-stream, it counts nothing twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.guard.gateway_process import wait_for

import crossfix
from crossfix.config.live import LiveSettings
from crossfix.events import Event
from crossfix.store.log import open_log
from crossfix.store.registry import SwarmTable, open_registry

TEAM = [f"forum:w{n}" for n in range(8)]
DEED = "they will close our little hospital in spring and nobody has asked a single one of us"


def post(account: str, moment: datetime, text: str) -> Event:
    return Event(
        id=f"{account}/{moment.timestamp()}", time=moment, received=moment, service="forum",
        surface="social", account=account, action="post", text=text,
    )  # fmt: skip


class Worker:
    """The process, with its own end of its standard input."""

    def __init__(self, folder: Path, *more: str) -> None:
        settings = msgspec.to_builtins(LiveSettings(most_traces=1 << 14), enc_hook=str)
        command = [
            sys.executable, "-m", "crossfix.live.worker", f"sqlite:///{folder}/events.sqlite",
            f"sqlite:///{folder}/registry.sqlite", str(folder / "secret"), json.dumps(settings),
            *more,
        ]  # fmt: skip
        env = os.environ | {"PYTHONPATH": str(Path(crossfix.__file__).parents[1])}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=env)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        assert self.process.stdin is not None
        self.process.stdin.close()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    started: list[Worker] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.kill()


def swarms(folder: Path) -> list[tuple[str, frozenset[str], int]]:
    with open_registry(f"sqlite:///{folder}/registry.sqlite") as registry:
        return [(s.id, frozenset(s.accounts), len(s.document["events"]))
                for s in SwarmTable(registry).all()]  # fmt: skip


def test_killed_in_mid_stream_it_goes_on_as_if_nothing_had_been(
    tmp_path: Path, workers: list[Worker]
) -> None:
    rng, now = random.Random(1), datetime.now(UTC) - timedelta(minutes=9)
    ordinary = [
        post(f"forum:p{n}", now + timedelta(seconds=n),
             " ".join(f"w{rng.randrange(10_000)}" for _ in range(12)))
        for n in range(300)
    ]  # fmt: skip
    deeds = [post(a, now + timedelta(seconds=310 + 5 * n), DEED) for n, a in enumerate(TEAM)]
    with open_log(f"sqlite:///{tmp_path}/events.sqlite", seal_rows=200) as log:
        log.append_events([*ordinary, *deeds[:5]])
        workers.append(Worker(tmp_path))
        wait_for(lambda: swarms(tmp_path), 60)
        (before,) = swarms(tmp_path)
        log.append_events(deeds[5:7])
        workers[0].kill()
        log.seal()
        workers.append(Worker(tmp_path))
        log.append_events([deeds[7], *deeds[:3]])
        wait_for(lambda: len(swarms(tmp_path)[0][1]) == len(TEAM), 60)
    (after,) = swarms(tmp_path)
    assert after == (before[0], frozenset(TEAM), len(deeds))
