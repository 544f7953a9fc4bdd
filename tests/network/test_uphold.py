from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crossfix.network.strength import Ties
from crossfix.network.uphold import (
    CORE_MEMBERS,
    DAY_SECONDS,
    HIGHEST,
    LEAST,
    STRONG,
    core_of,
    lifted,
    upheld,
)


def links(
    *ends: tuple[int, int],
    times: float = 20.0,
    window: int = 60,
) -> pa.Table:
    """Links that share six keys, ``times`` as many as chance explains."""
    return pa.table(
        {
            "account_a": pa.array([a for a, _ in ends], pa.int32()),
            "account_b": pa.array([b for _, b in ends], pa.int32()),
            "shared_keys": pa.array([6] * len(ends), pa.int32()),
            "expected": pa.array([6 / times] * len(ends), pa.float64()),
            "window": pa.array([window] * len(ends), pa.int32()),
        }
    )


ACTORS = np.arange(8, dtype=np.int32)
COMMUNITY = np.array([0, 0, 0, 0, 1, 1, 1, -1])
HIGH = np.full(8, 0.8)


STRONGLY = 2 * STRONG


def tied(*ends: tuple[int, int]) -> Ties:
    a, b = (np.array(side, np.int64) for side in zip(*sorted(ends), strict=True))
    return Ties(40, a, b, np.ones(len(a)), np.ones(len(a), np.int64))


NO_TIES = Ties(40, *[np.empty(0, np.int64)] * 2, np.empty(0), np.empty(0, np.int64))


def kept(*ends: tuple[int, int], score=HIGH, actor=ACTORS, times: float = 20.0) -> list[int]:
    return upheld(COMMUNITY, score, links(*ends, times=times), actor, NO_TIES).tolist()


def test_a_community_without_validated_links_is_not_upheld() -> None:
    assert kept() == [-1] * 8


def test_one_link_touches_two_actors_and_is_too_little() -> None:
    assert kept((0, 1)) == [-1] * 8
    assert kept((0, 1), (1, 2)) == [0, 0, 0, 0, -1, -1, -1, -1]


def test_links_between_communities_uphold_neither() -> None:
    assert kept((0, 4), (1, 5), (2, 6), (3, 7)) == [-1] * 8


def test_links_among_the_accounts_of_few_people_are_too_little() -> None:
    actor = np.array([0, 0, 1, 1, 2, 3, 4, 5], np.int32)
    assert kept((0, 2), (1, 3), (4, 5), (5, 6), actor=actor) == [-1] * 4 + [0] * 3 + [-1]


def test_a_community_that_scores_as_chance_does_is_not_upheld() -> None:
    score = np.array([0.2] * 4 + [0.7] * 4)
    assert kept((0, 1), (1, 2), (4, 5), (5, 6), score=score) == [-1] * 4 + [0] * 3 + [-1]


def test_links_must_touch_half_of_the_members() -> None:
    alone, chain = np.arange(8, dtype=np.int32), [(0, 1), (1, 2)]
    for members, holds in ((6, True), (7, False)):
        community = np.where(alone < members, 0, -1)
        found = upheld(community, HIGH, links(*chain), alone, NO_TIES)
        assert (found.max() == 0) == holds


def test_who_stands_out_over_days_only_must_score_as_common_interests_do_not() -> None:
    def found(score: float, window: int) -> list[int]:
        table = links((4, 5), (5, 6), window=window)
        return upheld(COMMUNITY, np.full(8, score), table, ACTORS, NO_TIES).tolist()

    whole = [-1] * 4 + [0] * 3 + [-1]
    assert found(LEAST, DAY_SECONDS - 1) == whole
    assert found(LEAST, DAY_SECONDS) == [-1] * 8
    assert found(HIGHEST, DAY_SECONDS) == whole


def test_strong_links_uphold_a_community_that_scores_less() -> None:
    chain = ((4, 5), (5, 6))
    score = np.full(8, (0.5 + LEAST) / 2)
    assert kept(*chain, score=score) == [-1] * 8
    assert kept(*chain, score=score, times=STRONGLY) == [-1] * 4 + [0] * 3 + [-1]
    assert kept(*chain, score=score / 2, times=STRONGLY) == [-1] * 8


def test_of_a_loose_community_the_core_that_strong_links_make_is_upheld() -> None:
    alone = np.arange(40, dtype=np.int32)
    score = np.where(alone < CORE_MEMBERS, 0.9, 0.55)
    ring = [*combinations(range(CORE_MEMBERS), 2)]
    core = np.where(alone < CORE_MEMBERS, 0, -1).tolist()
    loose = [(CORE_MEMBERS, 30), (30, 31), (31, 32)]
    everybody = np.zeros(40, np.int64)

    def found(ends: list[tuple[int, int]], times: float) -> list[int]:
        return upheld(everybody, score, links(*ends, times=times), alone, NO_TIES).tolist()

    assert found([*ring, *loose], STRONGLY) == core
    assert found([*ring, *loose], 20.0) == [-1] * 40
    # One member fewer is what chance makes of many.
    assert found([e for e in ring if 0 not in e] + loose, STRONGLY) == [-1] * 40


def test_of_a_loose_community_those_who_keep_to_themselves_are_upheld_if_they_score_high() -> None:
    alone, everybody = np.arange(40, dtype=np.int32), np.zeros(40, np.int64)
    core, few = [*combinations(range(8), 2)], [*combinations(range(6), 2)]
    outside = [(i, 20 + i) for i in range(8)]

    def found(ends, ties: Ties, score: float = 0.9, window: int = 21_600) -> list[int]:
        scores = np.where(alone < 8, score, 0.1)
        made = links(*ends, window=window)
        return upheld(everybody, scores, made, alone, ties).tolist()

    none, members = [-1] * 40, np.where(alone < 8, 0, -1).tolist()
    assert found(core, tied(*core, *outside[:4])) == members
    assert found(core, tied(*core, *outside[:4]), score=0.6) == none
    # Fans share the same things over days.
    assert found(core, tied(*core, *outside[:4]), window=DAY_SECONDS) == none
    # Links alone are not enough: people who read the same are closest to others as well.
    closer = Ties(40, *np.array(sorted([*core, *outside[:5]])).T,
                  np.array([2.0 if b >= 20 else 1.0 for _, b in sorted([*core, *outside[:5]])]),
                  np.ones(33, np.int64))  # fmt: skip
    assert found(core, closer) == none
    # Six cannot hold all six partners of one of them.
    assert found(few, tied(*few)) == none


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] < e[1])))
def test_a_core_is_what_is_left_when_the_fewest_linked_go_one_by_one(ends) -> None:
    left = sorted({end for pair in ends for end in pair})

    def linked(account: int) -> int:
        return sum({a, b} <= set(left) and account in (a, b) for a, b in set(ends))

    while left and 2 * linked(fewest := min(left, key=lambda i: (linked(i), i))) < len(left) - 1:
        left.remove(fewest)
    a, b = np.array(ends, np.int64).reshape(-1, 2).T
    assert core_of(a, b).tolist() == left


def test_who_is_linked_with_nobody_where_all_others_are_is_left_out() -> None:
    score = np.array([0.9, 0.9, 0.9, 0.5, *[0.8] * 4])
    assert kept((0, 1), (0, 2), (1, 2), score=score) == [0, 0, 0, -1, -1, -1, -1, -1]
    score[3] = LEAST
    assert kept((0, 1), (0, 2), (1, 2), score=score) == [0, 0, 0, 0, -1, -1, -1, -1]


@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda e: e[0] < e[1])),
    st.lists(st.floats(0, 1), min_size=8, max_size=8),
    st.sampled_from([20.0, STRONGLY]),
)
def test_upheld_accounts_are_of_one_community_and_three_actors(ends, score, times) -> None:
    found = np.array(kept(*ends, score=np.array(score), times=times))
    assert set(found.tolist()) <= {-1, *range(found.max(initial=-1) + 1)}
    for number in range(found.max(initial=-1) + 1):
        members = np.flatnonzero(found == number)
        assert len(set(COMMUNITY[members].tolist())) == 1
        assert len(members) >= 3


def test_no_community_is_upheld_where_there_is_none() -> None:
    none = np.full(3, -1)
    assert upheld(none, np.ones(3), links((0, 1)), ACTORS[:3], NO_TIES).tolist() == [-1] * 3


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(-1, 2)), max_size=20))
def test_members_of_upheld_communities_stand_above_everybody_else(found) -> None:
    score = np.array([s for s, _ in found], dtype=float)
    community = np.array([c for _, c in found], dtype=np.int64)
    answer = lifted(score, community)
    assert (answer[community >= 0] >= 0.5).all()
    assert (answer[community < 0] <= 0.5).all()
    for inside in (community >= 0, community < 0):
        assert (np.diff(answer[inside][np.argsort(score[inside])]) >= 0).all()
