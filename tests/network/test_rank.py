import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network import kernel
from crossfix.network.promptness import Promptness
from crossfix.network.rank import PARTNERS, Ranks, _directed, _support, best_sums, rank
from crossfix.network.strength import Ties

Edges = dict[tuple[int, int], float]


def ties_of(edges: Edges, accounts: int) -> Ties:
    ordered = sorted(edges)
    return Ties(
        accounts,
        np.array([a for a, _ in ordered], np.int64),
        np.array([b for _, b in ordered], np.int64),
        np.array([edges[e] for e in ordered], np.float64),
        np.ones(len(ordered), np.int64),
    )


def even(accounts: int, prompt: float = 0.5) -> Promptness:
    return Promptness(np.full(accounts, prompt), np.full(accounts, 20.0))


def ranked(edges: Edges, accounts: int, prompt: Promptness | None = None) -> Ranks:
    return rank(ties_of(edges, accounts), prompt or even(accounts))


def clique(members: range, weight: float = 0.2) -> Edges:
    return dict.fromkeys(itertools.combinations(members, 2), weight)


def slow_support(edges: Edges, belief: list[float]) -> list[float]:
    """What the best partners give, the very best left out, account by account."""
    support = []
    for account in range(len(belief)):
        partners = {a + b - account: w for (a, b), w in edges.items() if account in (a, b)}
        given = sorted((w * belief[other] for other, w in partners.items()), reverse=True)
        support.append(sum(given[1 : 1 + PARTNERS]))
    return support


EDGES = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] < e[1]),
    st.floats(1e-5, 2.0),
)


@settings(deadline=None, max_examples=80)
@given(EDGES, st.lists(st.floats(0, 1), min_size=10, max_size=10))
def test_support_is_what_the_best_partners_give_without_the_very_best(
    edges: Edges, belief: list[float]
) -> None:
    found = _support(_directed(ties_of(edges, 10)), np.array(belief))
    assert found.tolist() == pytest.approx(slow_support(edges, belief), abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(EDGES, st.permutations(range(10)))
def test_the_names_of_accounts_do_not_matter(edges: Edges, renamed: list[int]) -> None:
    prompt = Promptness(np.linspace(0.1, 0.9, 10), np.linspace(1, 10, 10))
    other = {tuple(sorted((renamed[a], renamed[b]))): w for (a, b), w in edges.items()}
    moved = np.empty(10)
    moved[renamed] = prompt.prompt
    keys = np.empty(10)
    keys[renamed] = prompt.keys
    one, two = ranked(edges, 10, prompt), ranked(other, 10, Promptness(moved, keys))
    assert two.support[renamed].tolist() == pytest.approx(one.support.tolist(), abs=1e-9)


@settings(deadline=None, max_examples=80)
@given(st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.3, 0.7, 1e-9, 2.0]), max_size=12)))
def test_the_compiled_sums_are_the_same_to_the_last_bit(rows: list[list[float]]) -> None:
    starts = np.cumsum([0, *map(len, rows)])
    given_each = np.array([value for row in rows for value in row])
    compiled = kernel.best_sums(starts, given_each, PARTNERS)
    assert compiled.tolist() == best_sums(starts, given_each, PARTNERS).tolist()


def test_many_ties_are_ranked_by_compiled_code_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    edges = {(a, b): 1 / (1 + a + 3 * b % 7) for a, b in itertools.combinations(range(40), 2)}
    few = ranked(edges, 40)
    monkeypatch.setattr("crossfix.network.rank.MANY_TIES", 0)
    assert ranked(edges, 40).support.tolist() == few.support.tolist()


def test_the_strongest_partner_alone_is_never_enough() -> None:
    found = ranked({(0, 1): 1_000.0}, 2)
    assert found.support.tolist() == [0, 0]


def test_a_star_of_one_account_and_its_friends_stands_far_behind_a_group() -> None:
    star = {(0, leaf): 1.0 for leaf in range(1, 12)}
    group = clique(range(12, 18))
    found = ranked({**star, **group}, 18)
    assert found.support[1:12].max() == 0
    assert found.support[0] == 0
    assert found.belief[12:].min() > 0.5


@pytest.mark.parametrize("size", [4, 6, 30])
def test_a_group_of_any_size_holds_itself_up(size: int) -> None:
    found = ranked(clique(range(size)), size + 1)
    assert found.belief[:size].min() > 0.3
    assert found.belief[size] == 0


def test_who_is_tied_to_doubtful_accounts_only_fades() -> None:
    """A member of the group and a member of a chain have equally strong ties."""
    chain = {(i, i + 1): 0.2 for i in range(6, 14)}
    found = ranked({**clique(range(6)), **chain}, 15)
    assert found.support[:6].min() > 10 * found.support[6:].max()


def test_a_slow_group_is_not_penalised_for_being_slow() -> None:
    edges = clique(range(6))
    prompt = np.full(40, 0.6)
    prompt[:6] = 0.05
    slow = ranked(edges, 40, Promptness(prompt, np.full(40, 20.0)))
    quick = ranked(edges, 40, even(40, 0.6))
    assert slow.lag[:6].tolist() == [1.0] * 6
    assert slow.support[:6].tolist() == pytest.approx(quick.support[:6].tolist())


def test_an_audience_that_always_follows_late_falls_behind_its_operation() -> None:
    operation, audience, accounts = range(8), range(8, 40), 200
    edges = clique(operation)
    edges.update({(o, a): 0.2 for o in operation for a in audience})
    prompt = np.full(accounts, 0.3)
    prompt[list(operation)] = 0.9
    prompt[list(audience)] = 0.05
    found = ranked(edges, accounts, Promptness(prompt, np.full(accounts, 30.0)))
    assert found.support[:8].min() > 10 * found.support[8:40].max()
    assert found.lag[:8].tolist() == [1.0] * 8


def test_few_keys_cannot_show_that_somebody_is_late() -> None:
    edges, accounts = clique(range(6)), 40
    prompt = np.full(accounts, 0.5)
    prompt[:5], prompt[5] = 0.95, 0.1
    keys = np.full(accounts, 30.0)
    keys[5] = 0.5
    assert ranked(edges, accounts, Promptness(prompt, keys)).lag[5] > 0.5
    keys[5] = 30.0
    assert ranked(edges, accounts, Promptness(prompt, keys)).lag[5] < 0.1


def test_nobody_is_ranked_where_nobody_is_tied() -> None:
    found = ranked({}, 5)
    assert not found.support.any()
    assert not found.belief.any()
    assert ranked({}, 0).support.tolist() == []
