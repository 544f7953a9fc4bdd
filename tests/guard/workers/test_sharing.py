"""Guards that hear each other judge as one guard would."""

import asyncio
import random
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.risk import Profiles
from crossfix.events import Event
from crossfix.guard import record
from crossfix.guard.decide import Guard
from crossfix.guard.recorder import Recorder
from crossfix.guard.request import Request
from crossfix.guard.rulings import rules_of
from crossfix.guard.wire.ask import Ask
from crossfix.guard.workers.channel import Channel
from crossfix.guard.workers.place import Place
from crossfix.policy import Policy, load_policies

T = 1_750_000_000.0
CONDITIONS = {
    "many": 'count("prompt", within="10m") > 3',
    "places": 'distinct("ip", within="1d") > 2',
    "burst": 'count("prompt", within="10m") > 1 and contains("again")',
}
POLICY = """\
title: {name}
id: {name}
version: 1
status: live
level: high
description: For tests.
text:
  en: No.
author: crossfix
date: 2026-01-01
tags: []
falsepositives: [none]
when: prompt
condition: {condition}
effects:
  - {effect}
tests:
  - name: none
    events:
      - {{action: prompt, text: "x"}}
    expect: none
"""


def policies(folder: Path) -> list[Policy]:
    for name, condition in CONDITIONS.items():
        effect = "throttle: 1/h" if name == "burst" else "flag"
        text = POLICY.format(name=name, condition=condition, effect=effect)
        (folder / f"{name}.yaml").write_text(text)
    return load_policies([folder])


def guard(found: list[Policy]) -> Guard:
    return Guard(rules=rules_of(found), profiles=Profiles())


calls = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["ann", "bob"]), st.integers(0, 4),
        st.sampled_from(["hello", "once again", "what else"]), st.integers(1, 200),
    ),
    max_size=25,
)  # fmt: skip


def test_calls_spread_over_guards_are_answered_as_by_one(tmp_path: Path) -> None:
    found = policies(tmp_path)

    @settings(max_examples=60, deadline=None)
    @given(calls=calls)
    def spread(calls: list[tuple[int, str, int, str, int]]) -> None:
        alone, together = guard(found), [guard(found) for _ in range(3)]
        now = T
        for number, (at, who, place, text, wait) in enumerate(calls):
            now += wait
            request = Request(
                id=str(number), service="app", account=f"app:{who}", action="prompt",
                texts=(text,), attributes={"ip": f"203.0.{place}.7"},
            )  # fmt: skip
            expected = alone.consider(request, now)
            considered = together[at].consider(request, now)
            event = record.prompt_event(request, Ask(), considered, now)
            for other in range(3):
                if other != at and "unjudged" not in event.attributes:
                    together[other].overhear(event, now, looked=True)
            assert considered.decision.answer == expected.decision.answer
            assert considered.rulings == expected.rulings
        for who in {who for _, who, *_ in calls}:
            profiles = [g.profiles.get(f"app:{who}") for g in (alone, *together) if g.profiles]
            assert len({p.risk for p in profiles if p is not None}) == 1

    spread()


def test_what_is_said_arrives_whole_and_in_order_and_is_said_again_to_who_comes_back(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        heard: list[list[bytes]] = [[], []]
        places = [Place(slot=slot, count=2, folder=str(tmp_path)) for slot in range(2)]
        one, other = (Channel(place, heard[place.slot].append) for place in places)
        assert not one.say(b"nobody is there yet")
        assert one.lost == 1
        await one.start()
        await other.start()
        await until(lambda: one.reached == [1] and other.reached == [0])
        chance = random.Random(7)
        said = [chance.randbytes(chance.choice([0, 1, 5, 70_000, 900_000])) for _ in range(40)]
        for message in said:
            assert one.say(message)
        await until(lambda: len(heard[1]) == len(said))
        assert heard == [[], said]
        await other.stop()
        await until(lambda: one.reached == [])
        again = Channel(places[1], heard[1].append)
        await again.start()
        await until(lambda: one.reached == [1])
        assert one.say(b"welcome back", 1)
        await until(lambda: heard[1][-1] == b"welcome back")
        await one.stop()
        await again.stop()

    asyncio.run(run())


async def until(what: object) -> None:
    for _ in range(1_000):
        if what():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited too long")


def test_every_tap_hears_what_is_recorded(tmp_path: Path) -> None:
    async def run() -> None:
        recorder = Recorder(tmp_path)
        await recorder.start()
        heard: list[Event] = []
        recorder.taps += [heard.extend, heard.extend]
        event = record.prompt_event(
            Request(id="1", service="app", account="app:a", action="prompt"), Ask(),
            Guard().consider(
                Request(id="1", service="app", account="app:a", action="prompt"), T), T,
        )  # fmt: skip
        recorder.put(event)
        await recorder.stop()
        assert heard == [event, event]
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event) == event

    asyncio.run(run())
