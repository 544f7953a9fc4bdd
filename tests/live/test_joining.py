"""Which swarms are one campaign."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crossfix.campaigns.identity import Known
from crossfix.events import Event, to_batch
from crossfix.live.joining import join
from crossfix.live.sighting import Sighting
from crossfix.live.swarm import Swarm, SwarmKey, Swarms
from crossfix.traces.trace import Family

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
TEAM = ["x:ann", "x:bob", "x:cem", "x:dot"]


def swarm(number: int, accounts: list[str], *, by_meeting: bool = True) -> Swarm:
    begun = NOON + timedelta(hours=number)
    key = SwarmKey(kind="domain" if by_meeting else "text", value="", hash=f"{number:016x}")
    return Swarm(
        id=f"s-{number}", keys=[key], accounts=accounts, actors=len(accounts), first=begun,
        last=begun, strength=4.0, events=[f"e{number}"], raised=begun, by_meeting=by_meeting,
    )  # fmt: skip


def test_two_swarms_that_only_their_meeting_tells_of_are_no_campaign() -> None:
    assert join([swarm(n, TEAM) for n in range(2)]) == []


def test_three_swarms_of_the_same_accounts_are_a_campaign_however_they_are_known() -> None:
    (campaign,) = join([swarm(n, TEAM) for n in range(3)])
    assert campaign.members == set(TEAM)


def test_two_swarms_are_a_campaign_where_what_is_said_tells_of_one() -> None:
    (campaign,) = join([swarm(0, TEAM), swarm(1, TEAM, by_meeting=False)])
    assert campaign.members == set(TEAM)


def test_an_account_that_was_in_one_swarm_only_is_no_member() -> None:
    swarms = [swarm(n, TEAM) for n in range(3)] + [swarm(3, [*TEAM, "x:passer-by"])]
    (campaign,) = join(swarms)
    assert campaign.members == set(TEAM)


def test_two_swarms_mostly_of_a_known_campaign_continue_it_with_all_their_accounts() -> None:
    known = Known("c-known", frozenset(TEAM))
    for swarms in ([swarm(0, TEAM)], [swarm(0, TEAM), swarm(1, [*TEAM, "x:eve"])]):
        (campaign,) = join(swarms, [known])
        assert campaign.id == "c-known"
        assert campaign.members == {a for s in swarms for a in s.accounts}
    strangers = [f"x:stranger{n}" for n in range(5)]
    assert join([swarm(n, [*strangers, *TEAM]) for n in range(2)], [known]) == []


def test_a_swarm_is_known_by_its_meeting_until_a_key_comes_that_does_not_go_around() -> None:
    swarms = Swarms()
    (first,) = swarms.take([_seen("url", "link", again=True)], NOON)
    assert first.by_meeting
    (grown,) = swarms.take([_seen("text", "text")], NOON)
    assert grown.id == first.id
    assert not grown.by_meeting


def _seen(kind: str, family: Family, *, again: bool = False) -> Sighting:
    begun = int(NOON.timestamp() * 1e6)
    event = Event(
        id="e4", service="x", surface="post", account="x:4", action="post", time=NOON,
        received=NOON, text="Said by all of them.",
    )  # fmt: skip
    return Sighting(
        kind=kind, family=family, key=len(kind), event=to_batch([event]), named="the key",
        accounts=tuple(f"x:{n}" for n in range(5)), actors=5, again=(again,) * 5,
        times=tuple(begun + n for n in range(5)), events=tuple(f"e{n}" for n in range(5)),
        expected=0.001, reached=0, keys=10_000, met=10.0 * again, chance=0.001,
    )  # fmt: skip
