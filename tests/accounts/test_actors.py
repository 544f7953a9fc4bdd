import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.actors import actor_count, actors
from crossfix.accounts.behaviour import Uses


def pairs(declared: list[tuple[int, int]]) -> Uses:
    declared = sorted(set(declared))
    account = np.array([a for a, _ in declared], np.int32)
    key = np.array([k for _, k in declared], np.uint64)
    return Uses(account, key, np.ones(len(declared), np.int64))


@settings(deadline=None)
@given(st.integers(1, 12), st.data())
def test_accounts_joined_through_any_chain_of_persons_are_one_actor(n, data):
    declared = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(1, 6)), max_size=20))
    actor = actors(n, pairs(declared)).tolist()
    slow = list(range(n))
    for _ in range(n):
        for a, key in declared:
            for b, other in declared:
                if key == other:
                    slow[a] = slow[b] = min(slow[a], slow[b])
    numbered = {first: i for i, first in enumerate(dict.fromkeys(slow))}
    assert actor == [numbered[s] for s in slow]


def test_without_declarations_everybody_is_an_actor():
    assert actors(3, pairs([])).tolist() == [0, 1, 2]


def test_three_accounts_of_one_person_and_a_stranger_are_two_actors():
    actor = actors(4, pairs([(0, 7), (1, 7), (3, 7)]))
    assert actor_count(np.array([0, 1, 2, 3], np.int32), actor) == 2
