"""An owner who posts everywhere under one name is found, and is no suspect for it."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from crossfix.campaigns.campaign import Campaign, Member
from crossfix.campaigns.hunt import HuntOptions, hunt
from crossfix.campaigns.one_name import SAID, one_name
from crossfix.events import Event, event_id, to_batch

START = datetime(2026, 1, 1, tzinfo=UTC)
SERVICES = ("x", "mastodon", "telegram", "facebook")


def member(account: str, shown: str | None = None) -> Member:
    return Member(account=account, service=account.partition(":")[0], score=1.0, events=1,
                  first=START, last=START, display_name=shown)  # fmt: skip


@pytest.mark.parametrize(
    ("members", "one"),
    [
        ([member("x:Bits"), member("mastodon:bits"), member("telegram:@bits")], True),
        ([member("x:1", "Old Maps"), member("vk:2", "old maps ")], True),
        ([member("x:1", "Old Maps"), member("x:2", "Old Maps"), member("vk:3", "Old Maps")], False),
        ([member("x:bits"), member("mastodon:bits2")], False),
        ([member("x:1", ""), member("vk:2", None)], False),
        ([member("x:1", "Old Maps"), member("vk:2", None)], False),
        ([member("x:bits")], False),
    ],
)
def test_one_name_is_one_handle_or_one_display_name_and_no_shared_service(
    members: list[Member], one: bool
) -> None:
    assert one_name(members) is one


def event(account: str, at: datetime, text: str) -> Event:
    service = account.partition(":")[0]
    return Event(id=event_id(service, f"{account}{at.timestamp()}"), time=at, received=at,
                 service=service, surface="social", account=account, action="post", text=text,
                 attributes={"created": "2015-01-01T00:00:00Z"})  # fmt: skip


def hunted(names: list[str]) -> Campaign:
    """The campaign of accounts that post the same to the minute, by timer, amid people."""
    rng = random.Random(1)

    def words() -> str:
        return " ".join("".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(8))

    events = [
        event(f"{rng.choice(SERVICES)}:p{n}", START + timedelta(days=rng.uniform(0, 30)), words())
        for n in range(200) for _ in range(10)
    ]  # fmt: skip
    for number in range(60):
        said = words()
        for name in names:
            at = START + timedelta(hours=12 * number, seconds=rng.uniform(0, 20))
            events.append(event(name, at, said))
    (campaign,) = hunt([to_batch(events)], HuntOptions()).result.campaigns
    assert {m.account for m in campaign.members} == set(names)
    return campaign


def test_a_mirror_under_one_name_is_found_and_told_and_no_suspect() -> None:
    campaign = hunted([f"{service}:oldmaps" for service in SERVICES])
    assert campaign.coordination >= 0.5
    assert campaign.inauthenticity < 0.25
    assert all(m.inauthenticity < 0.25 for m in campaign.members)
    assert campaign.summary.endswith(SAID)


def test_the_same_by_four_who_seem_to_be_four_is_one_to_look_at() -> None:
    campaign = hunted(["x:anna", "mastodon:bert", "telegram:carla", "facebook:dora"])
    assert campaign.inauthenticity >= 0.5
    assert SAID not in campaign.summary
