"""How surely a post means a segment, and what chance and others do to it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.origin import Post
from crossfix.traces.origin.judgement import (
    LEAST_FOR_PROPORTION,
    MOST_FOR_PROPORTION,
    MOST_SAME,
    MOST_TOGETHER,
    by_chance,
    certainty,
    crowded,
    first_alone,
    in_proportion,
    of_both,
    reworded,
    together,
)
from crossfix.traces.origin.meaning import Meant, raised

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000


def meant(account: str, hours: float, odds: float) -> Meant:
    post = Post(post=account, text="x", service="x", account=account,
                time=START + timedelta(hours=hours))  # fmt: skip
    return Meant(post, 0, odds, ("near",))


def up(found: list[Meant]) -> dict[str, float]:
    output_of = np.zeros(1, dtype=np.int64)
    after = raised(found, {}, output_of)
    return {m.post.account: m.odds - before.odds for m, before in zip(after, found, strict=True)}


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 0), st.floats(0, 8))
def test_what_is_more_alike_is_never_less_sure(
    cosine: float, recall: float, length: float, lift: float
) -> None:
    calm = np.zeros(1)
    less = np.array([[cosine, cosine, recall, length]])
    more = less + 0.05
    assert first_alone(more, calm)[0] > first_alone(less, calm)[0]
    assert of_both(more, lift + 0.5, calm)[0] > of_both(less, lift, calm)[0]
    assert of_both(less, lift, calm + 1)[0] < of_both(less, lift, calm)[0]


def test_who_says_as_much_is_surer_and_who_says_more_or_less_is_not() -> None:
    ratios = np.array([0.0, 0.1, 0.25, 0.4, 0.8, 3.0])
    told = in_proportion(ratios)
    assert told[0] == MOST_FOR_PROPORTION > told[1] > 0 > told[3] > told[4] >= LEAST_FOR_PROPORTION
    assert told[5] == LEAST_FOR_PROPORTION
    np.testing.assert_array_equal(told, in_proportion(-ratios))


def test_words_in_common_ask_for_more_nearness_up_to_a_bound() -> None:
    shares = np.array([0.0, 0.2, MOST_SAME, 1.0])
    none, some, half, all_ = reworded(shares, np.zeros(4, dtype=np.bool_))
    assert none > 0
    assert none > some > half == all_


def test_the_names_that_a_translation_keeps_do_not_speak_against_it() -> None:
    shares = np.array([0.0, 0.2, MOST_SAME, 1.0])
    here = reworded(shares, np.zeros(4, dtype=np.bool_))
    abroad = reworded(shares, np.ones(4, dtype=np.bool_))
    assert abroad[0] == here[0]
    assert (abroad[1:] > here[1:]).all()
    assert len(set(abroad[1:].tolist())) == 1


def test_a_topic_of_many_counts_less_and_a_few_posts_tell_little_of_it() -> None:
    none, some, many = crowded(np.array([0, 300, 3000]), 1_000_000)
    assert none == 0.0
    assert 0 < some < many
    assert crowded(np.array([5]), 500)[0] < 0.3


def test_the_more_segments_the_surer_one_is_near() -> None:
    assert by_chance(10) == by_chance(150) == 0.0
    assert 0 < by_chance(1_000) < by_chance(100_000)


def test_others_within_hours_raise_each_other_and_a_lone_one_stays() -> None:
    gains = up([meant(f"x:{n}", n / 10, -0.5) for n in range(5)] + [meant("x:late", 500, -0.5)])
    assert gains["x:late"] == 0.0
    assert all(gains[f"x:{n}"] > 0.1 for n in range(5))


def test_an_account_does_not_raise_itself() -> None:
    one = Post(post="a", text="x", service="x", account="x:a", time=START)
    two = Post(post="b", text="x", service="x", account="x:a", time=START)
    found = [Meant(one, 0, -0.5, ()), Meant(two, 0, -0.5, ())]
    assert [m.odds for m in raised(found, {}, np.zeros(1, dtype=np.int64))] == [-0.5, -0.5]


def test_what_was_found_by_wording_raises_too_and_it_is_said() -> None:
    sure = {0: [(round(START.timestamp() * 1e6) + HOUR, "x:b", 1.0)]}
    (found,) = raised([meant("x:a", 0, -0.1)], sure, np.zeros(1, dtype=np.int64))
    assert found.odds > 0
    assert found.because[-1] == "1 more posted this response within hours"


def test_however_many_do_the_same_there_is_a_bound() -> None:
    assert together(1e9) == MOST_TOGETHER
    assert certainty(0.0) == pytest.approx(0.5)
