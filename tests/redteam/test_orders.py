from hypothesis import given
from hypothesis import strategies as st

from crossfix.redteam.evasion import EVASIONS, NAIVE, NAMES, Playbook, alone, together
from crossfix.redteam.orders import BUDGET, LEAST_ACCOUNTS, MESSAGES, orders, reach

levels = st.lists(st.floats(0, 1), min_size=len(NAMES), max_size=len(NAMES)).map(tuple)


def test_who_evades_nothing_reaches_everybody_with_all_accounts() -> None:
    made = orders(NAIVE)
    assert reach(NAIVE) == 1
    assert (made.accounts, made.cells, made.messages) == (int(BUDGET), 1, MESSAGES)
    assert made.participation == 1


@given(levels)
def test_orders_can_be_carried_out_and_reach_never_exceeds_that_of_the_naive(
    level: tuple[float, ...],
) -> None:
    made = orders(Playbook(level))
    assert LEAST_ACCOUNTS <= made.accounts <= BUDGET
    assert 1 <= made.cells <= made.accounts // 2 or made.cells == 1
    assert 60 <= made.window_seconds <= 7 * 86_400 * 1.000001
    assert 0 < reach(Playbook(level)) <= 1 + 1e-9


def test_every_evasion_costs_reach_and_no_level_brings_some_back() -> None:
    for name in EVASIONS:
        kept = [reach(alone(name, step / 4)) for step in range(5)]
        assert kept == sorted(kept, reverse=True), name
        assert kept[-1] < 1, name
    assert reach(together(1.0)) < 0.01


def test_evasions_that_cost_money_leave_fewer_accounts() -> None:
    for name, evasion in EVASIONS.items():
        fewer = orders(alone(name, 1.0)).accounts < BUDGET
        assert fewer == (evasion.account_price > 0 or name == "fewer"), name
