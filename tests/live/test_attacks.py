"""What a hostile or broken surrounding does to the watch: clocks, floods, damage, odd events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from crossfix.config.live import LiveSettings
from crossfix.events import Event, to_batch
from crossfix.live.index import LiveIndex
from crossfix.live.swarm import Swarm, SwarmKey, Swarms
from crossfix.live.watch import Watch
from crossfix.store.log import open_log
from crossfix.store.log.event_log import EventLog
from crossfix.store.registry import CampaignTable, Registry, SwarmTable, open_registry
from crossfix.store.registry.tables import CAMPAIGNS, SWARMS
from crossfix.traces.registry import default_extractors
from crossfix.traces.text import Text
from crossfix.traces.trace import Keys

from .arriving import NOON, post

TEAM = [f"w{n}" for n in range(6)]


def said(rng: random.Random) -> str:
    return " ".join(f"{rng.choice('bcdfgklm')}{rng.choice('aeiou')}{rng.randrange(99)}"
                    for _ in range(14))  # fmt: skip


def wave(text: str, start: float, accounts: list[str], **fields: object) -> list[Event]:
    return [post(who, start + 5 * n, text, **fields) for n, who in enumerate(accounts)]


def ordinary(seed: int, many: int = 300) -> list[Event]:
    rng = random.Random(seed)
    return [post(f"p{rng.randrange(200)}-{n}", n * 0.5, said(rng)) for n in range(many)]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with open_log(f"sqlite:///{tmp_path}/events.sqlite", seal_rows=200) as opened:
        yield opened


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as opened:
        yield opened


def at(minutes: float) -> float:
    return (NOON + timedelta(minutes=minutes)).timestamp()


def watching(log: EventLog, registry: Registry, minutes: float = 1) -> Watch:
    watch = Watch(log, registry, LiveSettings(most_traces=1 << 14))
    watch.start(at(minutes))
    return watch


class Breaks(Text):
    """A kind of trace that meets what nobody foresaw."""

    kind = "breaks"

    def extract(self, events: pa.RecordBatch) -> Keys:
        if any("\u2620" in (text or "") for text in events.column("text").to_pylist()):
            raise ZeroDivisionError("nobody foresaw this")
        return super().extract(events)


def test_an_event_that_nothing_can_take_in_is_passed_over_and_no_other_is(
    log: EventLog, registry: Registry
) -> None:
    watch = watching(log, registry)
    watch.index = LiveIndex(most_entries=1 << 14, extractors=[*default_extractors(), Breaks()])
    events = [*ordinary(1), *wave(said(random.Random(2)), 700, TEAM)]
    events[40:40] = [post("odd", 1, "skull \u2620 and bones")]
    events[306:306] = [post("odd", 701, "skull \u2620 and bones")]
    log.append_events(events)
    watch.turn(at(13))
    assert watch.passed_over == 2
    assert watch.trouble == "ZeroDivisionError: nobody foresaw this"
    (swarm,) = SwarmTable(registry).all()
    assert set(swarm.accounts) == {f"forum:{who}" for who in TEAM}


def test_a_clock_that_is_set_back_puts_nothing_off(log: EventLog, registry: Registry) -> None:
    rng = random.Random(3)
    log.append_events(ordinary(3))
    watch = watching(log, registry)
    for number in range(2):
        log.append_events(wave(said(rng), 700 + 60 * number, TEAM))
    watch.turn(at(120))
    (campaign,) = CampaignTable(registry).all()
    log.append_events(wave(said(rng), 900, [*TEAM, "late"]))
    log.append_events(wave(said(rng), 960, [*TEAM, "late"]))
    watch.turn(at(20))
    (grown,) = CampaignTable(registry).all()
    assert grown.id == campaign.id
    assert "forum:late" in {m.account for m in grown.members}
    assert all(s.last < NOON + timedelta(hours=1) for s in SwarmTable(registry).all())


def test_events_that_say_they_are_of_a_day_to_come_make_nothing_else_long_past(
    log: EventLog, registry: Registry
) -> None:
    rng = random.Random(4)
    log.append_events(ordinary(4))
    watch = watching(log, registry)
    deed = said(rng)
    log.append_events(wave(deed, 700, TEAM))
    watch.turn(at(13))
    begun = len(watch.swarms)
    ahead = {"time": NOON + timedelta(days=20_000), "received": NOON + timedelta(minutes=12)}
    log.append_events(wave(said(rng), 710, [f"z{n}" for n in range(9)], **ahead))
    watch.turn(at(14))
    assert len(watch.swarms) == begun + 1
    log.append_events(wave(deed, 800, ["newcomer"]))
    watch.turn(at(15))
    old = next(s for s in SwarmTable(registry).all() if "forum:w1" in s.accounts)
    assert "forum:newcomer" in old.accounts
    assert all(s.last <= NOON + timedelta(hours=1) for s in SwarmTable(registry).all())


def test_events_hours_late_and_in_any_order_make_the_swarm_that_they_make_in_order(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)
    deeds = [e for n in range(2) for e in wave(said(rng), 700 + 60 * n, TEAM)]
    events = [*ordinary(5), *deeds]

    def swarms(name: str, given: list[Event], late: timedelta) -> list[tuple[object, ...]]:
        arrived = [
            post(e.account.partition(":")[2], 0, e.text or "", id=e.id, time=e.time,
                 received=e.received + late)
            for e in given
        ]  # fmt: skip
        with (
            open_log(f"sqlite:///{tmp_path}/{name}.sqlite", seal_rows=50) as log,
            open_registry(f"sqlite:///{tmp_path}/{name}-registry.sqlite") as registry,
        ):
            watch = watching(log, registry)
            for first in range(0, len(arrived), 40):
                log.append_events(arrived[first : first + 40])
                watch.turn(at(15) + late.total_seconds())
            watch.join(at(20) + late.total_seconds())
            return [
                (frozenset(s.accounts), frozenset(s.document["events"]))
                for s in SwarmTable(registry).all()
            ]  # fmt: skip

    shuffled = events[:]
    random.Random(6).shuffle(shuffled)
    wanted = swarms("straight", events, timedelta(0))
    assert len(wanted) == 2
    assert set(swarms("late", shuffled, timedelta(hours=9))) == set(wanted)


def test_a_swarm_whose_record_is_damaged_stops_no_restart(
    log: EventLog, registry: Registry
) -> None:
    rng = random.Random(7)
    log.append_events([*ordinary(7), *wave(said(rng), 700, TEAM)])
    watching(log, registry, 13)
    assert len(SwarmTable(registry).all()) == 1
    for damage in ({"id": 7}, {"keys": [{"kind": "text", "value": "", "hash": "no hash"}]}):
        row = SwarmTable(registry).all()[0].document | damage
        with registry.writing() as connection:
            connection.execute(sa.update(SWARMS).values(document=row))
        again = watching(log, registry, 13)
        assert len(again.swarms) == 1
        (swarm,) = SwarmTable(registry).all()
        assert set(swarm.accounts) == {f"forum:{who}" for who in TEAM}


def test_a_campaign_whose_record_is_damaged_begins_anew(log: EventLog, registry: Registry) -> None:
    rng = random.Random(8)
    log.append_events(ordinary(8))
    watch = watching(log, registry)
    for number in range(2):
        log.append_events(wave(said(rng), 700 + 60 * number, TEAM))
    watch.turn(at(20))
    (whole,) = CampaignTable(registry).all()
    with registry.writing() as connection:
        connection.execute(sa.update(CAMPAIGNS).values(document={"members": 7}))
    for number in range(2):
        log.append_events(wave(said(rng), 900 + 60 * number, [*TEAM, "late"]))
    watch.turn(at(40))
    (again,) = CampaignTable(registry).all()
    assert again.id == whole.id
    assert "forum:late" in {m.account for m in again.members}
    assert len(again.document["members"]) == len(again.members)


def test_many_swarms_are_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossfix.live.swarm.MOST_SWARMS", 10)
    swarms = Swarms()
    for n in range(30):
        # All are on one key too, and neighbours share an event: what another owns now stays.
        keys = [SwarmKey(kind="text", value="", hash=f"{number:016x}") for number in (n, 99)]
        begun = NOON + timedelta(minutes=n)
        swarms.adopt(
            Swarm(
                id=f"s-{n}", keys=keys, accounts=[f"forum:{n}"], actors=5, first=begun, last=begun,
                strength=4.0, events=[f"e{n}", f"e{n + 1}"], raised=begun,
            )
        )  # fmt: skip
    swarms.take([], NOON + timedelta(hours=1))
    assert [swarm.id for swarm in swarms] == [f"s-{n}" for n in range(20, 30)]
    assert set(swarms._by_event) == {f"e{n}" for n in range(20, 31)}
    assert set(swarms._by_key) == {("text", n) for n in (*range(20, 30), 99)}
    assert swarms._by_key["text", 99] == "s-29"


def test_a_damaged_segment_of_the_log_is_said_and_the_rest_is_watched(
    log: EventLog, registry: Registry, tmp_path: Path
) -> None:
    rng = random.Random(9)
    log.append(to_batch(ordinary(9)))
    log.append(to_batch([post(f"gone{n}", n, said(rng)) for n in range(200)]))
    (_, segment) = log.segments()  # type: ignore[attr-defined]
    raw = bytearray(segment.read_bytes())
    raw[: len(raw) // 2] = bytes(len(raw) // 2)
    segment.write_bytes(raw)
    log.append_events(wave(said(rng), 700, TEAM))
    watch = watching(log, registry, 13)
    assert watch.damaged is not None
    assert segment.name in watch.damaged or "damaged" in watch.damaged
    (swarm,) = SwarmTable(registry).all()
    assert set(swarm.accounts) == {f"forum:{who}" for who in TEAM}
    log.append_events(wave(said(rng), 800, TEAM))
    watch.turn(at(14))
    assert len(SwarmTable(registry).all()) == 2


def test_a_log_that_takes_the_place_of_another_is_followed_from_its_beginning(
    registry: Registry, tmp_path: Path
) -> None:
    with (
        open_log(f"sqlite:///{tmp_path}/long.sqlite", seal_rows=50) as long,
        open_log(f"sqlite:///{tmp_path}/short.sqlite", seal_rows=50) as short,
    ):
        for first in range(0, 300, 60):
            long.append(to_batch(ordinary(10)[first : first + 60]))
        watch = watching(long, registry, 13)
        short.append(to_batch([post(f"s{n}", n, said(random.Random(n))) for n in range(60)]))
        short.append_events(wave(said(random.Random(11)), 700, TEAM))
        watch._log = short
        assert watch.turn(at(13)) == 66
