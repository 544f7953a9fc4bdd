import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crossfix.network.closest import CLOSEST, Closest
from crossfix.network.strength import Ties

ACCOUNTS = 14
PAIRS = st.tuples(st.integers(0, ACCOUNTS - 1), st.integers(0, ACCOUNTS - 1))


def ties(weights: dict[tuple[int, int], float]) -> Ties:
    rows = sorted(weights)
    a, b = np.array(rows, np.int64).reshape(-1, 2).T
    many = np.ones(len(rows), np.int64)
    return Ties(ACCOUNTS, a, b, np.array([weights[row] for row in rows], np.float64), many)


@given(
    st.dictionaries(PAIRS.filter(lambda e: e[0] < e[1]), st.sampled_from([0.1, 0.2, 1.0])),
    st.sets(st.integers(0, ACCOUNTS - 1)),
)
def test_half_of_a_large_group_have_all_their_closest_partners_in_it(weights, group) -> None:
    inside = 0
    for account in group:
        met = [(-w, b if a == account else a) for (a, b), w in weights.items() if account in (a, b)]
        inside += all(partner in group for _, partner in sorted(met)[:CLOSEST])
    keeps = len(group) > CLOSEST and 2 * inside >= len(group)
    members = np.array(sorted(group), np.int64)
    assert Closest(ties(weights)).keep_to_themselves(members) == keeps


def test_faint_ties_to_others_do_not_count_where_there_are_closer_ones() -> None:
    clique = {(a, b): 1.0 for a in range(8) for b in range(a + 1, 8)}
    others = {(a, 8 + a % 6): 0.1 for a in range(8)}
    closer = dict.fromkeys(others, 2.0)
    assert Closest(ties({**clique, **others})).keep_to_themselves(np.arange(8))
    assert not Closest(ties({**clique, **closer})).keep_to_themselves(np.arange(8))
