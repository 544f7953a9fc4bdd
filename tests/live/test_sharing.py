"""Two installations with logs of their own, that see together what neither sees alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.guard.gateway_process import wait_for
from tests.live.test_worker import DEED, TEAM, Worker, post, swarms

from crossfix.events import to_batch
from crossfix.store.log import open_log
from crossfix.store.shared_events import SharedEvents

SECRET = bytes(range(32))


@pytest.fixture
def server(valkey_server: str) -> Iterator[str]:
    import valkey

    client = valkey.Valkey.from_url(valkey_server)
    client.delete("crossfix:events")
    yield valkey_server
    client.delete("crossfix:events")
    client.close()


@pytest.fixture
def now() -> datetime:
    """A moment a little ago: the workers leave out what is long past."""
    return datetime.now(UTC) - timedelta(minutes=5)


def keyed(folder: Path) -> None:
    """Give a folder the secret key that all of them have."""
    path = folder / "secret"
    path.touch(mode=0o600)
    path.write_text(SECRET.hex(), encoding="ascii")


def test_what_one_tells_the_others_hear_once_and_it_does_not_hear_itself(
    server: str, now: datetime
) -> None:
    events = [post(a, now, DEED) for a in TEAM]
    with SharedEvents(server, SECRET) as one, SharedEvents(server, SECRET) as other:
        one.tell([to_batch(events)], now.timestamp())
        assert one.heard(None)[0] == []
        (batch,), mark = other.heard(None)
        assert batch.column("account").to_pylist() == TEAM
        assert other.heard(mark) == ([], mark)
        one.tell([to_batch(events[:2])], now.timestamp())
        (more,), _ = other.heard(mark)
        assert more.num_rows == 2
        one.tell([], now.timestamp() + 2 * 3_600)
        assert other.heard(None)[0] == []


def test_what_another_key_sealed_is_passed_over(server: str, now: datetime) -> None:
    with SharedEvents(server, SECRET) as one, SharedEvents(server, bytes(32)) as stranger:
        one.tell([to_batch([post(TEAM[0], now, DEED)])], now.timestamp())
        assert stranger.heard(None)[0] == []
        assert stranger.refused == 1
        import valkey

        raw = valkey.Valkey.from_url(server)
        assert DEED.encode() not in raw.xrange("crossfix:events")[0][1][b"events"]
        raw.close()


def test_a_wave_over_two_installations_is_one_swarm_in_both(
    server: str, tmp_path: Path, now: datetime
) -> None:
    rng = random.Random(1)
    parts = (TEAM[::2], TEAM[1::2])
    workers = []
    try:
        for name, team in zip("ab", parts, strict=True):
            folder = tmp_path / name
            folder.mkdir()
            keyed(folder)
            with open_log(f"sqlite:///{folder}/events.sqlite") as log:
                log.append_events([
                    post(f"forum:{name}{n}", now + timedelta(seconds=n),
                         " ".join(f"w{rng.randrange(10_000)}" for _ in range(12)))
                    for n in range(100)
                ])  # fmt: skip
                log.append_events([
                    post(a, now + timedelta(seconds=120 + 5 * TEAM.index(a)), DEED) for a in team
                ])  # fmt: skip
            workers.append(Worker(folder, server))
        for name in "ab":
            folder = tmp_path / name
            wait_for(lambda f=folder: {a for s in swarms(f) for a in s[1]} == set(TEAM), 120)
    finally:
        for worker in workers:
            worker.kill()
    (one,), (other,) = swarms(tmp_path / "a"), swarms(tmp_path / "b")
    assert one[1:] == other[1:] == (frozenset(TEAM), len(TEAM))


def test_without_the_server_each_goes_on_alone(tmp_path: Path, now: datetime) -> None:
    keyed(tmp_path)
    with open_log(f"sqlite:///{tmp_path}/events.sqlite") as log:
        log.append_events([
            post(a, now + timedelta(seconds=5 * n), DEED) for n, a in enumerate(TEAM)
        ])  # fmt: skip
    worker = Worker(tmp_path, "valkey://127.0.0.1:1")
    try:
        wait_for(lambda: swarms(tmp_path), 60)
    finally:
        worker.kill()
