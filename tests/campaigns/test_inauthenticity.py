from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from crossfix.campaigns.inauthenticity import (
    PARTS,
    combine,
    of_accounts,
    of_campaign,
)
from crossfix.campaigns.together import infrastructure

from .campaign_world import START, behaviour, codes, person, text, timer

RAISE = st.one_of(st.just(np.nan), st.floats(0, 1))


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(7)
    accounts = {f"x:person{i}": person(rng) for i in range(150)}
    accounts |= {f"x:fan{i}": person(rng, reposts=0.9) for i in range(20)}
    headlines = [text(rng) for _ in range(150)]
    for i in range(8):  # pages of one publisher: the same headlines, typed by people
        mine = person(rng, reposts=0.0)
        accounts[f"x:news{i}"] = [(t, a, headlines[int(rng.integers(150))]) for t, a, _ in mine]
    stock = [text(rng) for _ in range(30)]
    accounts |= {f"x:op{i}": timer(rng, stock, reposts=0.5) for i in range(10)}
    old, new = START - timedelta(days=900), START + timedelta(days=19)
    attributes = {
        name: {"created": (new if "op" in name else old - timedelta(days=int(17 * i))).isoformat()}
        for i, name in enumerate(accounts)
    }
    return behaviour(accounts, attributes)


def test_an_operation_is_over_the_threshold_and_people_fans_and_newsrooms_under(world):
    scores = of_accounts(world)
    level = {
        who: of_campaign(world, scores, codes(world, f"x:{who}"))
        for who in ("op", "fan", "news", "person")
    }
    assert level["op"][0] >= 0.8
    assert max(level["fan"][0], level["news"][0], level["person"][0]) < 0.3
    assert level["op"][1]["newness"] > 0.8
    assert level["op"][1]["automation"] > 0.7
    assert level["fan"][1]["amplification"] > 0.5
    assert level["news"][1]["template_reuse"] > 0.8


def test_single_accounts_of_people_stay_low(world):
    scores = of_accounts(world).score
    assert (scores[codes(world, "x:op")] >= 0.5).mean() >= 0.9
    benign = np.setdiff1d(np.arange(len(world)), codes(world, "x:op"))
    assert (scores[benign] >= 0.5).mean() <= 0.001


def test_unknown_parts_are_left_out_and_nothing_known_is_nothing_said(world):
    assert "infrastructure" not in of_campaign(world, of_accounts(world), codes(world, "x:op"))[1]
    short = behaviour({f"x:{i}": [(START, "like", "")] for i in range(5)})
    score, parts = of_campaign(short, of_accounts(short), np.arange(5, dtype=np.int32))
    assert (score, parts) == (0.0, {})


def test_shared_rare_infrastructure_counts_and_everybodys_does_not(world):
    op, people = codes(world, "x:op"), codes(world, "x:person")
    rare = infrastructure(op, np.full(len(op), 9, np.uint64))
    assert of_campaign(world, of_accounts(world, rare), op, rare)[1]["infrastructure"] == 1.0
    everyone = np.arange(len(world), dtype=np.int32)
    common = infrastructure(everyone, np.full(len(world), 9, np.uint64))
    parts = of_campaign(world, of_accounts(world, common), people[:10], common)[1]
    assert parts["infrastructure"] == 0.0


@settings(deadline=None)
@given(hnp.arrays(float, (len(PARTS), 4), elements=RAISE), st.integers(0, 4), st.floats(0, 1))
def test_more_of_a_part_never_lowers_the_score(parts, row, more):
    before = combine(parts)
    raised = parts.copy()
    raised[row] = np.where(np.isnan(parts[row]), np.nan, np.maximum(parts[row], more))
    assert (combine(raised) >= before).all()
    assert ((before >= 0) & (before <= 1)).all()


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_one_part_alone_is_never_enough_and_two_are_unless_others_speak_against(a, b, c):
    parts = np.full((5, 1), np.nan)
    parts[a] = 1.0
    assert combine(parts)[0] < 0.5
    parts[b] = 1.0
    assert (combine(parts)[0] >= 0.5) == (a != b)
    alone = np.zeros((5, 1))
    alone[c] = 1.0
    assert combine(alone)[0] < 0.25


def test_the_order_of_members_does_not_matter(world):
    scores, op = of_accounts(world), codes(world, "x:op")
    assert of_campaign(world, scores, op) == of_campaign(world, scores, op[::-1])
