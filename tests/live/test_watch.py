"""The watch over a real log and registry: swarms, fingerprints, campaigns, restarts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from crossfix.config.live import LiveSettings
from crossfix.events import Event, to_batch
from crossfix.live.watch import Watch
from crossfix.matching import Checks
from crossfix.matching.stored import stored_indicators
from crossfix.store.log import open_log
from crossfix.store.log.event_log import EventLog
from crossfix.store.registry import (
    CampaignTable,
    FingerprintTable,
    IndicatorTable,
    Registry,
    SwarmTable,
    open_registry,
)

from .arriving import NOON, post


def said(rng: random.Random) -> str:
    return " ".join(f"{rng.choice('bcdfgklmnprst')}{rng.choice('aeiou')}{rng.randrange(99)}"
                    for _ in range(14))  # fmt: skip


def ordinary(rng: random.Random, many: int = 400) -> list[Event]:
    return [post(f"p{rng.randrange(200)}-{n}", n * 0.5, said(rng)) for n in range(many)]


def wave(name: str, text: str, start: float, accounts: Sequence[str]) -> list[Event]:
    return [
        post(account, start + 5 * n, text, id=f"{name}-{n}") for n, account in enumerate(accounts)
    ]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with open_log(f"sqlite:///{tmp_path}/events.sqlite", seal_rows=100) as opened:
        yield opened


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(f"sqlite:///{tmp_path}/registry.sqlite") as opened:
        yield opened


def watching(log: EventLog, registry: Registry, **given: object) -> Watch:
    watch = Watch(log, registry, LiveSettings(most_traces=1 << 14, **given))  # type: ignore[arg-type]
    watch.start((NOON + timedelta(minutes=10)).timestamp())
    return watch


LATER = (NOON + timedelta(minutes=20)).timestamp()
TEAM = [f"w{n}" for n in range(6)]
DEED = "they will close our little hospital in spring and nobody has asked a single one of us"


def test_a_wave_becomes_a_swarm_whose_fingerprints_the_guard_matches(
    log: EventLog, registry: Registry
) -> None:
    log.append_events(ordinary(random.Random(1)))
    watch = watching(log, registry)
    assert SwarmTable(registry).all() == []
    log.append_events(wave("a", DEED, 700, TEAM))
    assert watch.turn(LATER) == len(TEAM)
    (swarm,) = SwarmTable(registry).all()
    assert set(swarm.accounts) == {f"forum:{a}" for a in TEAM}
    assert DEED not in str(swarm.document)
    checks = Checks(stored_indicators(registry, now=LATER), now=LATER)
    (same, *_) = checks.look(DEED.upper(), "prompt")
    assert same.check == "swarm"
    near = checks.look(DEED.replace("little", "big"), "prompt")
    assert [f.check for f in near] == ["swarm"]
    assert checks.look("where is the next hospital, please, and is it open now", "prompt") == ()


def test_a_response_that_several_accounts_post_is_known_by_its_other_parts(
    log: EventLog, registry: Registry
) -> None:
    rng = random.Random(6)
    drafts = [said(rng) for _ in range(6)]
    text = "Here are six posts:\n\n" + "\n".join(f"{n}. {d}" for n, d in enumerate(drafts, 1))
    log.append_events(ordinary(rng))
    log.append_events([
        post("asker", 690, text, service="model", surface="ai", account="model:asker",
             action="completion", id="given"),
        *(post(f"d{n}", 700 + 300 * n, drafts[n], id=f"d{n}") for n in range(4)),
    ])  # fmt: skip
    # In which order the log hands them out after a restart does not matter.
    watching(log, registry)
    (swarm,) = SwarmTable(registry).all()
    assert {"model:asker", "forum:d0", "forum:d3"} <= set(swarm.accounts)
    assert drafts[5] not in str(swarm.document)
    checks = Checks(stored_indicators(registry, now=LATER), now=LATER)
    assert {f.check for f in checks.look(drafts[5].upper(), "prompt")} == {"swarm"}


def test_off_writes_no_fingerprints_and_an_allow_list_is_respected(
    log: EventLog, registry: Registry, tmp_path: Path
) -> None:
    log.append_events(ordinary(random.Random(1)) + wave("a", DEED, 700, TEAM))
    watching(log, registry, fingerprints="off")
    assert list(FingerprintTable(registry).holding(NOON)) == []
    allowed = tmp_path / "allow.txt"
    allowed.write_text("[Team]\nreason: a press office\nforum:w0\nforum:w1\nforum:w2\nforum:w3\n"
                       "forum:w4\nforum:w5\n")  # fmt: skip
    watching(log, registry, allow_list=allowed)
    (swarm,) = SwarmTable(registry).all()
    assert swarm.status == "allowed"
    assert list(FingerprintTable(registry).holding(NOON)) == []


def test_accounts_that_meet_in_several_swarms_become_a_campaign_that_grows(
    log: EventLog, registry: Registry
) -> None:
    rng = random.Random(2)
    log.append_events(ordinary(rng))
    watch = watching(log, registry)
    log.append_events(wave("a", DEED, 700, TEAM))
    watch.turn(LATER)
    assert CampaignTable(registry).all() == []
    log.append_events(wave("b", said(rng), 760, [*TEAM, "bystander"]))
    watch.turn(LATER + 10)
    (campaign,) = CampaignTable(registry).all()
    assert {m.account for m in campaign.members} == {f"forum:{a}" for a in TEAM}
    log.append_events(wave("c", said(rng), 820, [*TEAM[2:], "newcomer"]))
    log.append_events(wave("d", said(rng), 880, [*TEAM[2:], "newcomer"]))
    watch.turn(LATER + 20)
    (grown,) = CampaignTable(registry).all()
    assert grown.id == campaign.id
    assert "forum:newcomer" in {m.account for m in grown.members}
    assert "forum:bystander" not in {m.account for m in grown.members}
    assert {s.campaign for s in SwarmTable(registry).all()} == {campaign.id}


def test_after_a_restart_all_is_as_if_there_had_been_none(tmp_path: Path) -> None:
    rng = random.Random(3)
    parts = [ordinary(rng), wave("a", DEED, 700, TEAM[:3]), wave("b", DEED, 730, TEAM[3:])]
    more = wave("c", said(rng), 790, TEAM)

    def run(name: str, *, restart: bool) -> list[tuple[object, ...]]:
        with (
            open_log(f"sqlite:///{tmp_path}/{name}.sqlite", seal_rows=150) as log,
            open_registry(f"sqlite:///{tmp_path}/{name}-registry.sqlite") as registry,
        ):
            watch = watching(log, registry)
            for step in (*parts, more):
                log.append_events(step)
                if restart:
                    watch = watching(log, registry)
                watch.turn(LATER)
                watch.turn(LATER)
            watch.join(LATER + 60)
            found = [
                (s.id, frozenset(s.accounts), s.document["actors"], len(s.document["keys"]),
                 frozenset(s.document["events"]))
                for s in SwarmTable(registry).all()
            ]  # fmt: skip
            campaigns = [(c.id, frozenset(m.account for m in c.members))
                         for c in CampaignTable(registry).all()]  # fmt: skip
            prints = sorted(f.id for f in FingerprintTable(registry).holding(NOON))
            return [*found, *campaigns, tuple(prints)]

    assert run("straight", restart=False) == run("restarted", restart=True)


def test_sealing_between_two_turns_loses_nothing_and_repeats_nothing(
    log: EventLog, registry: Registry
) -> None:
    watch = watching(log, registry)
    rng = random.Random(4)
    sent = 0
    for turn in range(12):
        events = [post(f"q{turn}-{n}", turn * 50 + n, said(rng)) for n in range(37)]
        log.append_events(events)
        sent += len(events)
        if turn % 3 == 1:
            log.seal()  # type: ignore[unused-ignore]
        if turn % 4 == 2:
            log.append(to_batch([post(f"bulk{turn}-{n}", n, said(rng)) for n in range(150)]))
            sent += 150
        watch.turn(LATER)
    assert watch.index.events == sent == log.count()


def test_a_link_that_only_a_swarm_shared_becomes_an_indicator(
    log: EventLog, registry: Registry
) -> None:
    rng = random.Random(5)
    log.append_events(ordinary(rng))
    watch = watching(log, registry)
    for n in range(4):
        link = (f"https://false-news.example/story-{n}",)
        log.append_events([
            post(account, 700 + 60 * n + 3 * i, said(rng), urls=link, id=f"{n}-{i}")
            for i, account in enumerate(TEAM)
        ])  # fmt: skip
        watch.turn(LATER + n)
    values = {i.value for i in IndicatorTable(registry).holding(NOON)}
    assert "false-news.example/story-3" in values
    assert all(value.startswith("false-news.example/") for value in values)
