from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from crossfix.network.followers import BY_CHANCE, followers
from crossfix.network.reliability import kind_weights
from crossfix.network.steps import SECOND, WINDOWS_SECONDS

KINDS = ("repost", "url", "hashtag", "mention")
WEIGHTS = kind_weights(KINDS, KINDS)
ACCOUNTS = 8
TEAM = np.array([0, 0, 0, 1, 1, -1, -1, -1])
HOUR = 3600 * SECOND
LATE = WINDOWS_SECONDS[-1] * SECOND + 1

Meeting = tuple[int, int, int, int, int, int]
"""Who is in no community, his event, a member, who is met in it, -1 where the member came first (1
where it did not, 0 at the same time), the kind, and how far apart."""


@dataclass
class Meetings:
    """Pairs with the columns that are asked for; the smaller code is a."""

    rows: list[Meeting]
    columns: dict[str, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        made = []
        for own, event, other, order, kind, delta in self.rows:
            a = own < other
            made.append((min(own, other), max(own, other), event if a else 0, 0 if a else event,
                         order if a else -order, kind, delta))  # fmt: skip
        names = ("account_a", "account_b", "event_a", "event_b", "lead", "kind", "delta")
        table = np.array(made, dtype=np.int64).reshape(-1, len(names))
        self.columns = dict(zip(names, table.T, strict=True))

    def column(self, name: str) -> np.ndarray:
        return self.columns[name]


def follow(*rows: Meeting, community=TEAM) -> list[int]:
    return np.flatnonzero(followers(Meetings(list(rows)), community, WEIGHTS)).tolist()


def after(account: int, event: int, members=(0, 1, 2), kind: int = 0, delta: int = HOUR):
    return [(account, event, member, -1, kind, delta) for member in members]


def before(account: int, event: int, members=(0, 1, 2)):
    return [(account, event, member, 1, 0, HOUR) for member in members]


def test_who_comes_last_time_and_again_follows() -> None:
    assert follow(*after(6, 1), *after(6, 2), *after(6, 3)) == [6]


def test_coming_last_once_may_be_chance() -> None:
    assert follow(*after(6, 1)) == []


def test_who_comes_first_as_often_is_no_follower() -> None:
    acts = [row for event in (1, 3, 5) for row in after(6, event) + before(6, event + 1)]
    assert follow(*acts) == []


def test_one_member_who_comes_later_is_enough_not_to_be_last() -> None:
    acts = [[*after(6, event, (0, 1)), *before(6, event, (2,))] for event in range(1, 9)]
    assert follow(*(row for act in acts for row in act)) == []


def test_who_acts_at_the_same_time_does_not_follow() -> None:
    assert follow(*((6, event, 0, 0, 0, 0) for event in range(1, 30))) == []


def test_what_one_event_shares_in_several_kinds_is_one_act() -> None:
    assert follow(*after(6, 1), *after(6, 1, kind=1), *after(6, 1, kind=1)) == []


def test_the_order_in_a_subject_or_months_later_says_nothing() -> None:
    assert follow(*(row for e in range(1, 9) for row in after(6, e, kind=2))) == []
    assert follow(*(row for e in range(1, 9) for row in after(6, e, kind=3))) == []
    assert follow(*(row for e in range(1, 9) for row in after(6, e, delta=LATE))) == []


def test_members_follow_nobody_and_those_in_none_are_not_followed() -> None:
    acts = [row for event in range(1, 9) for row in after(6, event)]
    assert follow(*acts, community=np.zeros(ACCOUNTS, np.int64)) == []
    assert follow(*acts, community=np.full(ACCOUNTS, -1)) == []
    assert follow() == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(5, 7), st.integers(1, 9), st.integers(0, 6),
            st.sampled_from([-1, -1, 0, 1]), st.integers(0, 3), st.sampled_from([0, HOUR, LATE]),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_it_equals_going_from_act_to_act(rows: list[Meeting]) -> None:
    rows = [(own, 10 * own + event, *rest) for own, event, *rest in rows if rest[0] != own]
    acts: dict[tuple[int, int], dict[int, bool]] = defaultdict(dict)
    for own, event, other, order, kind, delta in rows:
        if TEAM[other] >= 0 and kind < 2 and delta < LATE:
            met = acts[own, event]
            met[other] = met.get(other, True) and order == -1
    expected = []
    for account in (5, 6, 7):
        own = [met for (who, _), met in acts.items() if who == account]
        last = sum(all(met.values()) for met in own)
        mean = float(np.mean([1 / (len(met) + 1) for met in own])) if own else 0.0
        if last > mean * len(own) and binom.sf(last - 1, len(own), mean) <= BY_CHANCE:
            expected.append(account)
    assert follow(*rows) == expected
