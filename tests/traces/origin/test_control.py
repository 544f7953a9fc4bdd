"""What was said before a response as a control for what came after."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.origin.control import BY_CHANCE, Earlier, Strangers, expected, stand_out

ODDS = st.floats(-3, 6, allow_nan=False)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.permutations(range(10)))
def test_the_nearest_texts_are_kept_each_once(said: list[int], rank: list[int]) -> None:
    held = Earlier(kept=3)
    for text in said:
        held.add(7, rank[text] / 10, f"text {text}")
    nearest = sorted(set(said), key=lambda text: -rank[text])[:3]
    assert held.texts(7) == [f"text {text}" for text in nearest]
    assert held.texts(8) == []


@settings(deadline=None)
@given(st.lists(ODDS, min_size=1, max_size=8), st.lists(ODDS, max_size=8), st.floats(0.1, 9))
def test_more_said_before_never_makes_a_post_stand_out(
    after: list[float], before: list[float], ratio: float
) -> None:
    some = stand_out(np.array(after), before[1:], ratio)
    all_ = stand_out(np.array(after), before, ratio)
    assert not (all_ & ~some).any()
    assert stand_out(np.array(after), [], ratio).all()


def test_a_copy_stands_out_above_what_strangers_said_before() -> None:
    after = np.array([3.0, 0.4, 0.2])
    assert stand_out(after, [1.0, 0.5], 1.0).tolist() == [True, False, False]
    assert expected(0.4, [1.0, 0.5], 100.0) == 10.0


def test_strangers_are_as_usual_as_they_were_before() -> None:
    calm = Strangers({0: ((), 5_000), 1: ((), 5_000)})
    assert calm.rate(0, 0.5) == 1 / (10_000 + 1 / BY_CHANCE)
    assert Strangers().rate(0, 0.5) == BY_CHANCE
    busy = Strangers({0: ((2.0, 1.0, -0.5), 300), 1: ((), 5_000)}).named([40, 41])
    assert busy.rate(40, 0.5) == 2 / 300
    assert busy.rate(41, 0.5) == 3 / (5_300 + 1 / BY_CHANCE)
    assert busy.rate(40, 3.0) < busy.rate(40, 0.5)
