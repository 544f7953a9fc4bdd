from datetime import UTC, datetime

from crossfix.campaigns.campaign import Campaign, Change, Member
from crossfix.campaigns.order import both_high, first_look

START = datetime(2026, 5, 3, tzinfo=UTC)


def campaign(name: str, coordination: float, inauthenticity: float, members=5, allowed=None):
    people = tuple(
        Member(account=f"x:{i}", service="x", score=0.9, events=4, first=START, last=START)
        for i in range(members)
    )
    return Campaign(
        id=name, members=people, coordination=coordination, inauthenticity=inauthenticity, parts={},
        p_value=0.0, density=1.0, services=("x",), first=START, last=START, kinds={}, summary="",
        tags=(), breakout=1, breakout_because="", change=Change(what="new"), allowed=allowed,
    )  # fmt: skip


def test_what_is_high_on_both_scores_comes_first_and_what_is_allowed_last() -> None:
    found = [
        campaign("allowed", 0.99, 0.9, allowed="x:*"),
        campaign("fans", 0.99, 0.02, members=900),
        campaign("operation", 0.8, 0.7),
        campaign("doubtful", 0.9, 0.4),
    ]
    ordered = sorted(found, key=first_look)
    assert [c.id for c in ordered] == ["operation", "doubtful", "fans", "allowed"]
    assert [c.id for c in ordered if both_high(c)] == ["operation"]


def test_equals_are_ordered_by_coordination_then_size_then_id() -> None:
    found = [campaign("b", 0.9, 0.1), campaign("a", 0.9, 0.1), campaign("big", 0.9, 0.1, 40),
             campaign("surer", 0.95, 0.1)]  # fmt: skip
    assert [c.id for c in sorted(found, key=first_look)] == ["surer", "big", "a", "b"]
