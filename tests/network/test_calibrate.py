from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network.calibrate import (
    HOUR,
    LEAST,
    ONE_IN,
    STRETCH,
    by_chance,
    exchanged,
    lower,
    of_others,
    scores,
)

from .trace_rows import Row, table


def slow_stretches(rows: list[Row]) -> list[tuple[int, int]]:
    """Walk through the hours of each kind; a stretch is begun by its kind's traces so far."""
    stretch = [(0, 0)] * len(rows)
    for kind in {r[1] for r in rows}:
        hours = sorted(
            (r[3] * 1_000_000 // HOUR, i) for i, r in enumerate(rows) if r[1] == kind
        )  # fmt: skip
        begun: dict[int, int] = {}
        for place, (hour, i) in enumerate(hours):
            stretch[i] = (kind, begun.setdefault(hour, place) // STRETCH)
    return stretch


@st.composite
def worlds(draw: st.DrawFn) -> list[Row]:
    """Enough traces for several stretches, in bursts and in quiet hours, in no order."""
    rng = np.random.default_rng(draw(st.integers(0, 1_000)))
    count = draw(st.integers(0, 900))
    hours = draw(st.integers(1, 60))
    columns = (
        rng.integers(0, 40, count), rng.integers(0, 2, count), rng.integers(0, 30, count),
        (rng.beta(0.4, 2.0, count) * hours * 3_600).astype(int), np.arange(count),
    )  # fmt: skip
    return list(zip(*(c.tolist() for c in columns), strict=True))


@settings(deadline=None, max_examples=25)
@given(worlds(), st.integers(0, 5))
def test_an_exchange_keeps_who_was_active_in_each_kind_and_stretch(
    rows: list[Row], seed: int
) -> None:
    before, after = table(rows), exchanged(table(rows), seed)
    assert after.schema == before.schema
    for name in ("kind", "key", "time", "event"):
        assert after.column(name).equals(before.column(name))
    stretch = slow_stretches(rows)
    accounts = [Counter(zip(stretch, t.column("account").to_pylist(), strict=True))
                for t in (before, after)]  # fmt: skip
    assert accounts[0] == accounts[1]


@settings(deadline=None, max_examples=25)
@given(worlds(), st.integers(0, 5))
def test_what_lasts_goes_to_another_account_as_a_whole(rows: list[Row], seed: int) -> None:
    mixed = exchanged(table(rows), seed, [0])
    taken = mixed.column("account").to_pylist()
    went: dict[tuple[int, int], set[int]] = {}
    for (account, kind, key, *_), other in zip(rows, taken, strict=True):
        if kind == 0:
            went.setdefault((account, key), set()).add(other)
    assert all(len(others) == 1 for others in went.values())
    # Each account is given as many keys as it had, each key as many accounts.
    assert Counter(a for a, _ in went) == Counter(next(iter(o)) for o in went.values())


@settings(deadline=None, max_examples=25)
@given(worlds(), st.integers(0, 5))
def test_of_kinds_that_do_not_last_each_trace_goes_alone(rows: list[Row], seed: int) -> None:
    lone = [r for r in rows if r[1] == 1]
    assert exchanged(table(lone), seed, [0]).equals(exchanged(table(lone), seed))


@settings(deadline=None, max_examples=25)
@given(worlds(), st.integers(0, 5))
def test_what_has_a_base_goes_where_its_event_s_first_trace_of_that_goes(
    rows: list[Row], seed: int
) -> None:
    ground = sorted((r for r in rows if r[1] == 1), key=lambda r: r[4])
    drawn = [(a, 0, key, s, e) for a, _, key, s, e in ground[::3]]
    lone = [(7, 0, 1, 10, len(rows) + 1)]
    mixed = exchanged(table([*drawn, *lone, *ground]), seed, base=np.array([1, 1]))
    taken = dict(zip(mixed.column("event").to_pylist(), mixed.column("account").to_pylist(),
                     strict=True))  # fmt: skip
    accounts = mixed.column("account").to_pylist()
    assert accounts[: len(drawn)] == [taken[e] for *_, e in drawn]
    assert accounts[len(drawn)] == 7
    assert sorted(accounts[len(drawn) + 1 :]) == sorted(a for a, *_ in ground)


def test_an_exchange_is_decided_by_its_seed() -> None:
    rows = [(n % 40, 0, n % 30, n, n) for n in range(400)]
    first, again, other = (exchanged(table(rows), seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert not first.equals(table(rows))


def test_an_exchange_takes_apart_who_acted_with_whom() -> None:
    """Ten accounts always share keys of their own among many that share nothing."""
    rows = []
    for n in range(300):
        at = n * 60
        rows += [(a, 0, n, at, len(rows) + a) for a in range(10)] if n % 10 == 0 else []
        rows += [(10 + n, 0, 1_000 + n, at, 10_000 + n)]
    mixed = exchanged(table(rows), 0)
    group = [a < 10 and k < 300 for a, k in zip(*(mixed.column(c).to_pylist()
             for c in ("account", "key")), strict=True)]  # fmt: skip
    assert sum(group) < 0.8 * 300


def test_one_half_is_what_chance_reaches_in_one_account_of_a_thousand() -> None:
    luck = np.random.default_rng(0).exponential(size=50_000)
    chance = by_chance(luck)
    assert (scores(luck, chance) >= 0.5).mean() == pytest.approx(1 / ONE_IN, rel=0.1)
    assert scores(np.array([0.0, chance]), chance).tolist() == [0.0, 0.5]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_scores_keep_the_order_and_lie_between_nought_and_one(support: list[float]) -> None:
    values = np.array(sorted(support), dtype=float)
    found = scores(values, by_chance(values))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_where_chance_ties_nobody_no_account_can_divide_by_nothing() -> None:
    assert by_chance(np.empty(0)) == by_chance(np.zeros(5)) == LEAST > 0


ENOUGH = 3 * ONE_IN
"""Of so many, it is no luck (0.05) if nobody reaches what one in `ONE_IN` should."""


def left_by(accounts: int) -> list[Row]:
    return [(account, 0, 1, account, account) for account in range(accounts)]


def test_chance_is_asked_again_of_those_in_no_community() -> None:
    made = table(left_by(ENOUGH + 3))
    community = np.full(ENOUGH + 3, -1)
    community[[0, 5, 7]] = 0, 0, 1
    others = of_others(made, community)
    assert others is not None
    assert others.schema == made.schema
    assert sorted(others.column("account").to_pylist()) == [
        a for a in range(ENOUGH + 3) if a not in (0, 5, 7)
    ]


def test_chance_is_not_asked_again_where_nobody_is_in_a_community() -> None:
    assert of_others(table(left_by(ENOUGH)), np.full(ENOUGH, -1)) is None


def test_chance_is_not_asked_again_of_too_few_to_tell() -> None:
    community = np.full(ENOUGH, -1)
    community[:10] = 0
    assert of_others(table(left_by(ENOUGH)), community) is None


@pytest.mark.parametrize(
    ("reach", "falls"), [(0, True), (2, True), (5, True), (6, False), (9, False)]
)
def test_chance_falls_where_far_fewer_reach_it_than_should(reach: int, falls: bool) -> None:
    support = np.full(11 * ONE_IN, 0.2)
    support[:reach] = 1.0
    assert lower(support, 1.0) == (0.2 if falls else 1.0)


def test_chance_never_rises() -> None:
    assert lower(np.full(10 * ONE_IN, 2.0), 1.0) == 1.0
    assert lower(np.zeros(0), 1.0) == 1.0
