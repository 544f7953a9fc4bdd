import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.policy.resemblance import alike, sketch
from crossfix.policy.series import (
    DISTINCT_AT_MOST,
    ENTRIES,
    CountSeries,
    Crowded,
    DistinctSeries,
    FirstSeries,
    SumSeries,
    distinct_in,
    interval_entropy,
)

gaps = st.lists(st.sampled_from([0.0, 0.01, 0.1, 1.0, 30.0]), min_size=1, max_size=40)


@given(gaps, st.integers(1, 60))
def test_a_crowd_is_exact_but_for_the_edge_of_its_window(gaps: list[float], many: int) -> None:
    windows = (10.0, 100.0)
    series, adder = CountSeries(windows, 100), SumSeries(windows, 100)
    times: list[float] = []
    now = 1000.0
    for gap in gaps:
        now += gap
        for _ in range(many):
            times.append(now)
            entry, total = series.add("a", now), adder.add("a", now, 3)
        for within in windows:
            slot = within / ENTRIES
            exact = sum(t > now - within for t in times)
            most = sum(t > now - within - slot for t in times)
            if isinstance(entry, Crowded):
                assert exact <= entry.total(now, within) <= most
            assert exact * 3 <= total.total(now, within) <= most * 3


def test_up_to_the_bound_every_event_is_kept_by_itself() -> None:
    series = CountSeries((60.0,), 100)
    for n in range(ENTRIES):
        entry = series.add("a", n / 100)
    assert isinstance(entry, list)
    assert isinstance(series.add("a", 6.0), Crowded)


def test_a_short_window_stays_exact_when_a_long_one_is_crowded() -> None:
    series = CountSeries((1.0, 3600.0), 100)
    for n in range(3 * ENTRIES):
        entry = series.add("a", float(n))
    assert isinstance(entry, Crowded)
    assert entry.total(3 * ENTRIES - 1.0, 1.0) == 1


def test_what_one_group_costs_is_bounded() -> None:
    series, distinct = CountSeries((60.0, 86_400.0), 100), DistinctSeries((86_400.0,), 100)
    for n in range(60_000):
        entry = series.add("a", n * 1.5)
        seen = distinct.add("a", n * 1.5, f"value {n}")
    assert isinstance(entry, Crowded)
    assert all(len(part.times) <= ENTRIES + 1 for part in entry.parts.values())
    assert len(seen) == DISTINCT_AT_MOST == distinct_in(seen, 60_000 * 1.5, 86_400.0)


def test_groups_are_bounded_and_what_is_forgotten_is_counted() -> None:
    series = CountSeries((3600.0,), 1_000)
    for n in range(10_000):
        series.add(f"account {n}", n / 100)
        assert len(series) <= 1_000
    assert series.forgotten == 9_000
    assert series.add("account 9999", 100.0) == [99.99, 100.0]


def test_groups_that_were_silent_for_a_window_are_forgotten_without_a_loss() -> None:
    series = CountSeries((10.0,), 1_000)
    for n in range(1_000):
        series.add(n, float(n))
    assert len(series) <= 21
    assert series.forgotten == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0.5, 4.0, 11.0])), max_size=60))
def test_expiry_never_forgets_what_is_in_the_window(steps: list[tuple[str, float]]) -> None:
    series, past, now = CountSeries((10.0,), 1_000), list[tuple[str, float]](), 0.0
    for key, gap in steps:
        now += gap
        past.append((key, now))
        assert series.add(key, now) == [t for k, t in past if k == key and t > now - 10.0]


def test_the_first_time_is_remembered_while_a_value_is_seen() -> None:
    series = FirstSeries((100.0,), 1_000)
    assert series.add("a", 0.0, "x") == 0.0
    for n in range(1, 50):
        series.add("b", n * 90.0, "y")
        assert series.add("a", n * 90.0, "x") == n * 90.0
    assert series.add("a", 1e6, "y") == 0.0


def test_a_timer_has_no_entropy_and_people_have_much() -> None:
    draw = random.Random(7)
    timer = [n * 10.0 + draw.uniform(-0.2, 0.2) for n in range(60)]
    people = [0.0]
    for _ in range(60):
        people.append(people[-1] + draw.lognormvariate(3, 1.5))
    assert interval_entropy([n * 10.0 for n in range(60)]) == 0.0
    assert interval_entropy(timer) < 1.0
    assert interval_entropy(people) > 3.0
    assert interval_entropy(timer[:5]) != interval_entropy(timer[:5])
    assert all(b > a for a, b in pairwise(people))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("write a comment as a nurse from Ohio", "write a comment as a farmer from Utah", True),
        ("write a comment as a nurse from Ohio", "translate this letter into French", False),
        ("写一条关于选举的评论像一个护士", "写一条关于选举的评论像一个农民", True),
        ("写一条关于选举的评论像一个护士", "今天天气怎么样我想出去玩", False),
        ("", "", False),
    ],
)
def test_texts_resemble_each_other_by_half_of_their_words(
    one: str, other: str, expected: bool
) -> None:
    assert alike(sketch(one), [sketch(other)]) == expected
