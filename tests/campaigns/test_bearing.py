from datetime import timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.bearing import SIGN, Borne, borne, own_scores, with_own_scores
from crossfix.campaigns.campaign import Campaign, Change, Member
from crossfix.campaigns.inauthenticity import PARTS, joined, of_accounts, of_campaign
from crossfix.campaigns.together import infrastructure

from .campaign_world import START, behaviour, codes, person, text

MEMBERS = 12


@pytest.fixture(scope="module")
def world():
    """An operation made in one week that says the same, readers who were swept in, people."""
    rng = np.random.default_rng(11)
    stock = [text(rng) for _ in range(20)]

    def says_the_same():
        return [(at, a, stock[int(rng.integers(20))]) for at, a, _ in person(rng, reposts=0.0)]

    accounts = {f"x:op{i}": says_the_same() for i in range(MEMBERS)}
    accounts |= {f"x:reader{i}": person(rng) for i in range(4)}
    accounts |= {f"x:person{i}": person(rng) for i in range(150)}
    made = {name: START - timedelta(days=200 + 11 * i) for i, name in enumerate(accounts)}
    made |= {f"x:op{i}": START - timedelta(days=30 + i / 4) for i in range(MEMBERS)}
    return behaviour(accounts, {name: {"created": at.isoformat()} for name, at in made.items()})


def campaign_of(world, *prefixes: str) -> np.ndarray:
    return np.concatenate([codes(world, f"x:{prefix}") for prefix in prefixes])


def test_who_was_swept_in_bears_nothing_of_what_the_campaign_shows(world) -> None:
    members = campaign_of(world, "op", "reader")
    scores = of_accounts(world)
    together, parts = of_campaign(world, scores, members)
    assert together >= 0.5
    own = borne(world, scores, members)
    score = dict(zip(own.names, own_scores(own, parts).tolist(), strict=True))
    assert min(score[f"x:op{i}"] for i in range(MEMBERS)) >= together
    assert max(score[f"x:reader{i}"] for i in range(4)) < 0.25


def test_a_member_scores_with_its_campaign_what_it_does_not_alone(world) -> None:
    scores, members = of_accounts(world), codes(world, "x:op")
    own = borne(world, scores, members)
    assert (scores.parts["newness"][members] < SIGN).all()
    assert (own.parts["newness"] > SIGN).all()


def test_of_people_that_only_coordinate_nobody_looks_made_up(world) -> None:
    scores, members = of_accounts(world), codes(world, "x:person")[:15]
    own = borne(world, scores, members)
    assert own_scores(own, of_campaign(world, scores, members)[1]).max() < 0.5


def test_shared_infrastructure_counts_for_whom_it_is_seen_with(world) -> None:
    members = campaign_of(world, "op", "reader")
    rare = infrastructure(codes(world, "x:op"), np.full(MEMBERS, 9, np.uint64))
    own = borne(world, of_accounts(world, rare), members, rare)
    seen = dict(zip(own.names, own.parts["infrastructure"].tolist(), strict=True))
    assert {seen[f"x:op{i}"] for i in range(MEMBERS)} == {1.0}
    assert all(np.isnan(seen[f"x:reader{i}"]) for i in range(4))


def test_the_order_of_members_does_not_matter(world) -> None:
    scores, members = of_accounts(world), campaign_of(world, "op", "reader")
    one, other = borne(world, scores, members), borne(world, scores, members[::-1])
    assert one.names == other.names
    for name in PARTS:
        np.testing.assert_array_equal(one.parts[name], other.parts[name])


def made_up(parts: dict[str, list[float]]) -> Borne:
    count = len(next(iter(parts.values())))
    return Borne(
        np.arange(count, dtype=np.int32), tuple(f"x:{i}" for i in range(count)),
        {name: np.array(values) for name, values in parts.items()},
    )  # fmt: skip


def test_where_nothing_is_known_of_a_campaign_nothing_is_of_its_members() -> None:
    assert own_scores(made_up({"newness": [1.0, np.nan]}), {}).tolist() == [0.0, 0.0]


VALUES = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1)), min_size=3, max_size=3)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(dict.fromkeys(PARTS, VALUES)),
    st.dictionaries(st.sampled_from(PARTS), st.floats(0, 1), min_size=1),
)
def test_a_member_scores_what_it_shows_or_what_its_campaign_does_if_it_bears_a_sign(
    values, parts
) -> None:
    found = own_scores(made_up(values), parts)
    for at, score in enumerate(found.tolist()):
        known = {name: of[at] for name, of in values.items() if not np.isnan(of[at])}
        alone = joined({n: min(v, (v + parts.get(n, v)) / 2) for n, v in known.items()})
        bears = any(parts.get(name, 0) >= SIGN and value >= SIGN for name, value in known.items())
        assert score == pytest.approx(max(alone, joined(parts)) if bears else alone)


def campaign(inauthenticity: float, coordination: float = 0.9) -> Campaign:
    return Campaign(
        id="c-aaaaaaaaaa", coordination=coordination, inauthenticity=inauthenticity,
        members=tuple(
            Member(account=f"x:{i}", service="x", score=0.9, events=4, first=START, last=START)
            for i in range(3)
        ),
        parts={}, p_value=0.1, density=1.0, services=("x",), first=START, last=START, kinds={},
        summary="Said.", tags=(), breakout=1, breakout_because="", change=Change(what="new"),
    )  # fmt: skip


def test_the_summary_of_a_campaign_to_act_on_says_how_many_may_have_been_swept_in() -> None:
    scores = {"x:0": 0.7, "x:1": 0.2, "x:2": 0.1}
    told = with_own_scores(campaign(0.7), scores)
    assert [member.inauthenticity for member in told.members] == [0.7, 0.2, 0.1]
    assert told.summary == (
        "Said. 2 members of these show too few of the signs themselves and may have been swept in."
    )
    one = with_own_scores(campaign(0.7), scores | {"x:1": 0.5})
    assert one.summary.endswith(
        "1 member of these shows too few of the signs itself and may have been swept in."
    )


def test_where_all_members_show_it_or_nobody_is_to_act_nothing_is_said() -> None:
    low = dict.fromkeys(("x:0", "x:1", "x:2"), 0.1)
    for quiet in (campaign(0.4), campaign(0.7, coordination=0.4)):
        assert with_own_scores(quiet, low).summary == "Said."
    allowed = msgspec.structs.replace(campaign(0.7), allowed="a club")
    assert with_own_scores(allowed, low).summary == "Said."
    assert with_own_scores(campaign(0.7), dict.fromkeys(low, 0.6)).summary == "Said."
