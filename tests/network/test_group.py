import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network.group import group
from crossfix.network.strength import Ties

Edges = dict[tuple[int, int], float]


def clique(members: range, weight: float = 1.0) -> Edges:
    return dict.fromkeys(itertools.combinations(members, 2), weight)


def grouped(edges: Edges, accounts: int, *, order=None, seed: int = 0, **told) -> list[int]:
    """Group accounts that all stand out and are on time, unless told otherwise."""
    rows = sorted(edges)
    rows = rows if order is None else [rows[i] for i in order]
    ties = Ties(
        accounts,
        np.array([a for a, _ in rows], np.int64),
        np.array([b for _, b in rows], np.int64),
        np.array([edges[r] for r in rows], np.float64),
        np.ones(len(rows), np.int64),
    )
    return group(
        ties,
        told.get("score", np.full(accounts, 0.9)),
        told.get("lag", np.ones(accounts)),
        told.get("actor", np.arange(accounts, dtype=np.int32)),
        seed=seed,
    ).tolist()


TWO = {**clique(range(6)), **clique(range(6, 10), 0.05), (0, 6): 0.001}


def test_two_groups_are_told_apart_though_one_is_far_more_loosely_tied() -> None:
    assert grouped(TWO, 12) == [0] * 6 + [1] * 4 + [-1] * 2


@settings(deadline=None, max_examples=20)
@given(st.permutations(range(len(TWO))), st.integers(0, 3))
def test_the_order_of_the_ties_does_not_matter(order: list[int], seed: int) -> None:
    assert grouped(TWO, 12, order=order, seed=seed) == grouped(TWO, 12)


def test_the_same_seed_gives_the_same_groups() -> None:
    rng = np.random.default_rng(3)
    edges = {
        (int(a), int(b)): float(rng.random()) for a, b in rng.integers(0, 60, (500, 2)) if a < b
    }
    assert grouped(edges, 60, seed=5) == grouped(edges, 60, seed=5)


def test_a_community_needs_three_actors() -> None:
    pair = clique(range(2))
    three = clique(range(2, 5))
    assert grouped({**pair, **three}, 5) == [-1, -1, 0, 0, 0]
    one_person_twice = np.array([0, 1, 2, 2, 3], np.int32)
    assert grouped({**pair, **three}, 5, actor=one_person_twice) == [-1] * 5


def test_accounts_that_do_not_stand_out_found_no_community() -> None:
    score = np.full(10, 0.9)
    score[6:] = 0.1
    assert grouped(TWO, 10, score=score) == [0] * 6 + [-1] * 4


def test_an_account_that_gave_less_evidence_joins_the_group_that_it_is_tied_to() -> None:
    score = np.full(8, 0.9)
    score[6:] = 0.2
    member = {(i, 6): 0.8 for i in range(3)}
    stranger = {(0, 7): 0.01, (1, 7): 0.01}
    assert grouped({**clique(range(6)), **member, **stranger}, 8, score=score) == [0] * 7 + [-1]


def test_two_that_do_everything_together_belong_where_their_other_ties_go() -> None:
    twins = {(6, 7): 9.0, (0, 6): 0.2, (1, 6): 0.1, (2, 7): 0.2, (3, 7): 0.1}
    assert grouped({**clique(range(6)), **twins}, 8) == [0] * 8
    # With three that are tied alike there is more than one tie to leave out.
    three = {**clique(range(6, 9), 9.0), (0, 6): 0.2, (1, 7): 0.2, (2, 8): 0.2}
    assert grouped({**clique(range(6)), **three}, 9) == [0] * 6 + [1] * 3


def test_one_tie_to_a_group_is_not_membership() -> None:
    score = np.full(7, 0.9)
    score[6] = 0.2
    assert grouped({**clique(range(6)), (0, 6): 5.0}, 7, score=score)[6] == -1


def test_an_audience_does_not_join_its_operation() -> None:
    score, lag = np.full(7, 0.9), np.ones(7)
    score[6], lag[6] = 0.2, 0.001
    edges = {**clique(range(6)), **{(i, 6): 1.0 for i in range(6)}}
    assert grouped(edges, 7, score=score) == [0] * 7
    assert grouped(edges, 7, score=score, lag=lag) == [0] * 6 + [-1]


def test_communities_are_numbered_by_size_from_the_largest() -> None:
    assert grouped({**clique(range(4)), **clique(range(4, 11))}, 11) == [1] * 4 + [0] * 7


def test_there_is_no_community_where_nobody_is_tied() -> None:
    assert grouped({}, 4) == [-1] * 4
    assert grouped({}, 0) == []
