from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.bystanders import PARTNERS, USUAL, without_bystanders
from crossfix.network.strength import Ties

ACCOUNTS = 8
EVERYBODY = np.array([0] * 6 + [-1] * 2)
RING = [*combinations(range(5), 2)]


def links(*ends: tuple[int, int]) -> pa.Table:
    return pa.table(
        {
            "account_a": pa.array([a for a, _ in ends], pa.int32()),
            "account_b": pa.array([b for _, b in ends], pa.int32()),
        }
    )


def ties(weights: dict[tuple[int, int], float]) -> Ties:
    ends = sorted(weights)
    return Ties(
        ACCOUNTS,
        np.array([a for a, _ in ends], np.int64),
        np.array([b for _, b in ends], np.int64),
        np.array([weights[e] for e in ends], np.float64),
        np.ones(len(ends), np.int64),
    )


ON_TIME = np.ones(ACCOUNTS)


def who_stays(
    weights: dict[tuple[int, int], float], *ends: tuple[int, int], lag=ON_TIME
) -> list[int]:
    left = without_bystanders(EVERYBODY, ties(weights), links(*ends), lag)
    return np.flatnonzero(left >= 0).tolist()


def elsewhere(share: float) -> dict[tuple[int, int], float]:
    """Account 5 has this share of its ties in the community, everybody else all of theirs."""
    return dict.fromkeys(RING, 1.0) | {(0, 5): share, (5, 6): 1.0 - share}


def test_who_is_linked_with_nobody_and_busier_elsewhere_was_swept_in() -> None:
    assert who_stays(elsewhere(USUAL - 0.1), *RING) == [0, 1, 2, 3, 4]


def test_who_is_linked_with_nobody_and_busy_here_stays() -> None:
    assert who_stays(elsewhere(USUAL + 0.1), *RING) == [0, 1, 2, 3, 4, 5]


def test_an_audience_makes_nobody_busier_elsewhere() -> None:
    lag = np.where(np.arange(ACCOUNTS) == 6, 0.001, 1.0)
    assert who_stays(elsewhere(USUAL - 0.1), *RING, lag=lag) == [0, 1, 2, 3, 4, 5]


def test_whom_one_link_touches_stays() -> None:
    assert who_stays(elsewhere(0.1), *RING, (0, 5)) == [0, 1, 2, 3, 4, 5]


def test_a_link_to_somebody_outside_is_none() -> None:
    assert who_stays(elsewhere(0.1), *RING, (5, 6)) == [0, 1, 2, 3, 4]


def test_having_no_link_tells_nothing_where_few_have_any() -> None:
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert who_stays(elsewhere(0.1), *chain) == [0, 1, 2, 3, 4, 5]


def test_a_pair_that_is_linked_by_several_kinds_is_one_pair() -> None:
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert who_stays(elsewhere(0.1), *chain * 4) == [0, 1, 2, 3, 4, 5]


def test_what_is_usual_is_what_linked_members_do() -> None:
    busy = {(a, 7): 2.0 for a in range(5)}  # a third of each one's ties is elsewhere
    assert who_stays(elsewhere(0.5) | busy, *RING) == [0, 1, 2, 3, 4, 5]


def test_nobody_leaves_where_there_is_no_community() -> None:
    none = np.full(ACCOUNTS, -1)
    assert (
        without_bystanders(none, ties(elsewhere(0.1)), links(*RING), ON_TIME).tolist()
        == [-1] * ACCOUNTS
    )


TWO = np.array([0, 0, 0, 0, 0, 1, 1, 1])
"""Account 4 was put with 0 to 3 and does more with 5 to 7."""


def misplaced(here: float, there: float, other: float) -> dict[tuple[int, int], float]:
    """Account 4 has these ties to the first community, the second one, and account 7."""
    rings = dict.fromkeys([*combinations(range(4), 2), (5, 6)], 1.0)
    return rings | {(0, 4): here, (4, 5): there, (4, 7): other}


def where_it_goes(community, weights: dict[tuple[int, int], float]) -> int:
    ends = [*combinations(range(4), 2), (5, 6)]
    left = without_bystanders(community, ties(weights), links(*ends), ON_TIME)
    assert np.delete(left, 4).tolist() == np.delete(community, 4).tolist()
    return int(left[4])


def test_who_does_as_another_community_does_joins_that_one() -> None:
    assert where_it_goes(TWO, misplaced(0.1, 0.5, 0.4)) == 1


def test_who_does_as_another_community_does_only_in_part_joins_none() -> None:
    community = np.where(np.arange(ACCOUNTS) == 7, -1, TWO)
    assert where_it_goes(community, misplaced(0.1, 0.5, 0.4)) == -1
    assert where_it_goes(community, misplaced(0.1, 0.8, 0.1)) == 1


def test_nobody_joins_a_community_without_a_link() -> None:
    weights = misplaced(0.1, 0.5, 0.4)
    ends = [*combinations(range(4), 2)]
    left = without_bystanders(TWO, ties(weights), links(*ends), ON_TIME)
    assert left.tolist() == [0, 0, 0, 0, -1, 1, 1, 1]


PAIRS = [*combinations(range(ACCOUNTS), 2)]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([-1, 0, 0, 0, 1]), min_size=ACCOUNTS, max_size=ACCOUNTS),
    st.dictionaries(st.sampled_from(PAIRS), st.floats(0.01, 1.0)),
    st.lists(st.sampled_from(PAIRS)),
)
def test_it_equals_going_from_account_to_account(community, weights, ends) -> None:
    def share(account: int, number: int) -> float:
        own = [(e, w) for e, w in weights.items() if account in e]
        inside = sum(w for e, w in own if community[sum(e) - account] == number)
        return inside / sum(w for _, w in own) if own else 0.0

    partners: dict[int, set[int]] = {account: set() for account in range(ACCOUNTS)}
    for a, b in ends:
        if community[a] == community[b] >= 0:
            partners[a].add(b)
            partners[b].add(a)
    expected, least = list(community), {}
    for number in (0, 1):
        members = [i for i, c in enumerate(community) if c == number]
        linked = [i for i in members if partners[i]]
        if not linked:
            continue
        least[number] = USUAL * float(np.median([share(i, number) for i in linked]))
        if sum(len(partners[i]) for i in linked) < PARTNERS * len(linked):
            continue
        for i in members:
            if not partners[i] and share(i, number) < least[number]:
                expected[i] = -1
    for i in range(ACCOUNTS):
        other = 1 - community[i]
        if expected[i] < 0 <= community[i] and 0 < share(i, other) >= least.get(other, np.inf) \
                and share(i, other) > share(i, community[i]):  # fmt: skip
            expected[i] = other
    found = without_bystanders(np.array(community), ties(weights), links(*ends), ON_TIME).tolist()
    for i, (is_, wanted) in enumerate(zip(found, expected, strict=True)):
        if is_ != wanted:  # only rounding may part them
            shares = [share(i, number) for number in (0, 1)]
            bars = [*least.values(), *shares]
            assert any(abs(s - bar) < 1e-9 for n, s in enumerate(shares)
                       for bar in [*bars[: len(least)], shares[1 - n]])  # fmt: skip
