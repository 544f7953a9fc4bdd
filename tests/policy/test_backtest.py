import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.conditions import conditions, events
from tests.policy.test_twin import made

from crossfix.content.finding import Finding
from crossfix.events import Event, to_batch
from crossfix.policy import Facts, Memory, Policy, compile_policies
from crossfix.policy.backtest import backtest
from crossfix.policy.from_event import attributes_of, facts_of
from crossfix.policy.past import in_order

Make = Callable[..., Policy]
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def event(number: int, account: str = "app:1", *, seconds: float = 0.0, late: float = 0.0,
          action: str = "prompt", **more: object) -> Event:  # fmt: skip
    time = NOON + timedelta(seconds=seconds)
    return Event(id=f"{number:032x}", time=time, received=time + timedelta(seconds=late),
                 service="app", surface="ai", account=account, action=action,
                 **more)  # type: ignore[arg-type]  # fmt: skip


def recorded(facts: Facts, number: int) -> Event:
    """Return the event that the guard leaves of what it judged."""
    time = datetime.fromtimestamp(facts.time, UTC)
    return Event(
        id=f"{number:032x}", time=time, received=time, service=facts.service,
        surface="ai", account=facts.account, action=facts.action,  # type: ignore[arg-type]
        conversation=facts.conversation or None, text=facts.text or None, urls=facts.urls,
        attributes=attributes_of(facts),
    )  # fmt: skip


@settings(max_examples=60)
@given(st.lists(conditions(), min_size=1, max_size=4), events())
def test_a_backtest_says_what_was_said_live(texts: list[str], past: list[Facts]) -> None:
    policies, moments = made(texts), sorted(facts.time for facts in past)
    live = [msgspec.structs.replace(f, time=t) for f, t in zip(past, moments, strict=True)]
    rules, memory = compile_policies(policies), Memory()
    # What an attribute says beside a field of its own is not asked by these conditions.
    hits = [[(h.policy, h.evidence) for h in rules.judge(f, memory)] for f in live]
    again, memory = compile_policies(policies), Memory()
    events = [recorded(facts, n) for n, facts in enumerate(live)]
    assert [
        [(h.policy, h.evidence) for h in again.judge(facts_of(e), memory)] for e in events
    ] == hits


def test_facts_survive_the_log() -> None:
    facts = Facts(
        time=NOON.timestamp(), action="prompt", service="app", surface="ai", account="app:1",
        text="a text", model="m", key="k", organisation="acme", conversation="c", tokens=7,
        urls=("https://example.org/",), tier="email", state="watched", risk=0.25,
        labels=("one", "two"), age_days=3.0, attributes={"ip": "10.0.0.1"},
        findings=(Finding(check="pattern", name="lure", score=0.5),),
    )  # fmt: skip
    found = facts_of(recorded(facts, 1))
    assert msgspec.structs.replace(found, attributes=facts.attributes) == facts
    assert found.attributes["ip"] == "10.0.0.1"


def test_attributes_that_make_no_sense_are_as_if_they_were_not_there() -> None:
    given = {"risk": "7", "tokens_in": "-1", "first": "yesterday", "findings": "{", "labels": ""}
    assert facts_of(event(1, attributes=given)) == msgspec.structs.replace(
        facts_of(event(1)), attributes=given
    )


def test_events_are_judged_when_they_were_received(policy: Make) -> None:
    # The first happened an hour before, but was not known until after the second.
    late = [event(1, seconds=0, late=3700.0), event(2, seconds=3600), event(3, seconds=3610)]
    total, past = in_order([to_batch(late)])
    assert total == 3
    assert [int(e.id, 16) for e in past] == [2, 3, 1]
    _, past = in_order([to_batch(late)], since=NOON + timedelta(seconds=3605),
                       until=NOON + timedelta(seconds=3650))  # fmt: skip
    assert [int(e.id, 16) for e in past] == [3]


@pytest.fixture
def world() -> list[Event]:
    """Ten people who ask once an hour, and one account that asks every second."""
    asked = [(f"app:{n}", 3600.0 * n + 7.0) for n in range(10)]
    asked += [("app:bot", 5000.0 + n) for n in range(60)]
    asked.sort(key=lambda one: one[1])
    return [event(n, account, seconds=at, text="hello") for n, (account, at) in enumerate(asked)]


def test_a_backtest_counts_hits_accounts_and_good_users(policy: Make, world: list[Event]) -> None:
    strict = policy('count("prompt", within="1m") > 20', id="strict", effects="{throttle: 5/m}")
    wide = policy('count("prompt", within="1m") > 0', id="wide", status="shadow")
    draft = dataclasses.replace(wide, id="a-draft", status="draft")
    found = backtest([strict, wide, draft], world, abusers={"app:bot", "app:unknown"})
    assert (found.events, found.accounts, found.good, found.abusers) == (70, 11, 10, 1)
    assert (found.good_met, found.abusers_met, found.abusers_after) == (0, 1, (21,))
    by_id = {outcome.policy.id: outcome for outcome in found.outcomes}
    assert set(by_id) == {"strict", "wide", "a-draft"}
    assert by_id["strict"].hits == 40
    assert by_id["strict"].accounts == {"app:bot": 21}
    assert by_id["strict"].samples[0].evidence == {"count('prompt', within='1m')": "21"}
    assert found.good_share(by_id["strict"], {"app:bot"}) == 0.0
    assert found.good_share(by_id["wide"], {"app:bot"}) == 1.0
    assert (by_id["wide"].hits, by_id["wide"].met) == (70, 40)
    assert by_id["wide"].fresh_accounts == 10
    assert by_id["a-draft"].hits == 70


def test_events_are_counted_as_looked_at_only_where_a_policy_looks(
    policy: Make, world: list[Event]
) -> None:
    other = policy("length > 0", when="{actions: [prompt], services: [elsewhere]}")
    (outcome,) = backtest([other], world).outcomes
    assert (outcome.events, outcome.hits) == (0, 0)


def test_nothing_to_try_on_is_no_mistake(policy: Make, tmp_path: Path) -> None:
    total, past = in_order([])
    assert total == 0
    found = backtest([policy("length > 0")], past)
    assert (found.events, found.since, found.good) == (0, None, 0)
