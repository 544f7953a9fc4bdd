import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.network.company import with_company
from crossfix.network.rank import Ranks
from crossfix.network.strength import Ties

MEMBERS = 3


def ties(accounts: int, *rows: tuple[int, int, float]) -> Ties:
    a, b, weight = (np.array([r[i] for r in rows]) for i in range(3))
    return Ties(accounts, a.astype(np.int64), b.astype(np.int64), weight.astype(float), a * 0 + 1)


def supports(
    network: Ties, lag: float = 1.0, linked: tuple[tuple[int, int], ...] = ((0, 1), (1, 2))
) -> list[float]:
    """Accounts 0 to 2 are an upheld community; nobody has support of its own."""
    community = np.where(np.arange(network.accounts) < MEMBERS, 0, -1)
    ends = [pa.array([e[i] for e in linked], pa.int32()) for i in (0, 1)]
    links = pa.table(ends, names=["account_a", "account_b"])
    nothing = np.zeros(network.accounts)
    ranks = Ranks(nothing, nothing, np.full(network.accounts, lag))
    return with_company(network, ranks, community, links).tolist()


def test_one_tie_to_a_member_counts_and_one_to_anybody_else_does_not() -> None:
    found = supports(ties(6, (0, 3, 0.2), (4, 5, 0.9)))
    assert found == pytest.approx([0, 0, 0, 0.2, 0, 0])


def test_who_is_tied_to_many_others_keeps_company_with_nobody() -> None:
    busy = supports(ties(9, (0, 3, 0.2), *((3, other, 0.2) for other in range(4, 9))))
    assert 0 < busy[3] < 0.2 / 4


def test_the_strongest_other_partner_does_not_count() -> None:
    assert supports(ties(6, (0, 3, 0.2), (3, 4, 0.9)))[3] == pytest.approx(0.2)
    assert supports(ties(6, (0, 3, 0.2), (3, 4, 0.9), (3, 5, 0.2)))[3] == pytest.approx(0.1)


def test_an_audience_s_company_fades() -> None:
    assert supports(ties(4, (0, 3, 0.2)), lag=0.01)[3] == pytest.approx(0.2 * 0.01)


def test_members_that_no_link_touches_are_no_company() -> None:
    assert supports(ties(4, (2, 3, 0.2)), linked=((0, 1),))[3] == 0
    assert supports(ties(4, (1, 3, 0.2)), linked=((0, 1),))[3] == pytest.approx(0.2)


def test_nobody_has_company_where_there_is_no_tie() -> None:
    none = np.empty(0, np.int64)
    assert supports(Ties(4, none, none, np.empty(0), none)) == [0.0] * 4


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(1e-6, 1)).filter(
            lambda r: r[0] < r[1]
        ),
        min_size=1,
        unique_by=lambda r: r[:2],
    )
)
def test_company_is_no_more_than_what_is_shared_with_members(rows) -> None:
    found = supports(ties(10, *rows))
    assert found[:MEMBERS] == [0.0] * MEMBERS
    for account in range(MEMBERS, 10):
        shared = [w for a, b, w in rows if a < MEMBERS and b == account]
        others = sorted(w for a, b, w in rows if account in (a, b) and a >= MEMBERS)
        mine = sum(shared)
        slow = mine * mine / (mine + sum(others[:-1])) if mine else 0.0
        np.testing.assert_allclose(found[account], slow, atol=1e-12)
