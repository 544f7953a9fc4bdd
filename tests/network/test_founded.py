from itertools import combinations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.network.founded import KEYS, SOON_SECONDS, with_founded
from crossfix.network.group import ACTORS
from crossfix.network.reliability import kind_weights
from crossfix.network.uphold import CORE_MEMBERS, LINKED, STRONG

ACCOUNTS = 16
NOBODY = np.full(ACCOUNTS, -1)
ALONE = np.arange(ACCOUNTS, dtype=np.int32)
WORDS, LINK, TAGS, TAG, MENTION = range(5)
KINDS = ["text", "url", "hashtag_set", "hashtag", "mention"]
WEIGHTS = kind_weights(KINDS, ["text", "link", "tag", "tag", "address"])

RING = [*combinations(range(CORE_MEMBERS), 2)]
OTHER_RING = [(a + 8, b + 8) for a, b in RING]


def links(
    *ends: tuple[int, int],
    kind: int = WORDS,
    keys: int = KEYS,
    times: float = STRONG / 10,
    window: int = 60,
) -> pa.Table:
    """Links that share so many keys, ``times`` as many as chance explains."""
    return pa.table(
        {
            "account_a": pa.array([a for a, _ in ends], pa.int32()),
            "account_b": pa.array([b for _, b in ends], pa.int32()),
            "kind": pa.array([kind] * len(ends), pa.int8()),
            "shared_keys": pa.array([keys] * len(ends), pa.int32()),
            "expected": pa.array([keys / times] * len(ends), pa.float64()),
            "window": pa.array([window] * len(ends), pa.int32()),
        }
    )


def found(table: pa.Table, community=NOBODY, actor=ALONE) -> list[list[int]]:
    answer = with_founded(community, table, WEIGHTS, actor)
    return [
        np.flatnonzero(answer == n).tolist() for n in range(answer.max(initial=-1) + 1)
    ]  # fmt: skip


def test_accounts_that_own_words_tie_densely_are_a_community() -> None:
    assert found(links(*RING)) == [[0, 1, 2, 3, 4]]


def test_what_people_read_is_not_what_they_write() -> None:
    assert found(links(*RING, kind=LINK)) == []


def test_one_equal_text_is_a_slip_or_a_quote() -> None:
    assert found(links(*RING, keys=KEYS - 1)) == []


def test_who_strong_links_tie_densely_is_a_community_whatever_is_shared() -> None:
    assert found(links(*RING, kind=LINK, times=STRONG)) == [[0, 1, 2, 3, 4]]
    assert found(links(*RING, kind=LINK, keys=KEYS - 1, times=STRONG)) == []
    assert found(links(*RING, kind=LINK, times=STRONG * 0.99)) == []


def test_that_some_share_several_keys_is_enough_where_links_are_strong() -> None:
    few = links(*RING[1:], kind=LINK, keys=KEYS - 1, times=STRONG)
    several = links(RING[0], kind=LINK, times=STRONG)
    assert found(pa.concat_tables([few, several])) == [[0, 1, 2, 3, 4]]


def test_a_subject_founds_a_community_only_where_all_share_it_soon() -> None:
    def strong(kind: int, window: int) -> list[list[int]]:
        return found(links(*RING, kind=kind, times=STRONG, window=window))

    assert strong(TAGS, SOON_SECONDS) == [[0, 1, 2, 3, 4]]
    assert strong(TAGS, SOON_SECONDS + 1) == []
    assert strong(LINK, SOON_SECONDS + 1) == [[0, 1, 2, 3, 4]]
    assert strong(TAG, 60) == []
    assert strong(MENTION, 60) == []


def test_few_accounts_or_few_people_are_no_group() -> None:
    assert found(links(*(e for e in RING if 0 not in e))) == []
    assert found(links(*RING), actor=np.array([0, 0, 0, 1, 1, *range(2, 13)], np.int32)) == []


def test_a_chain_of_pairs_is_no_group() -> None:
    assert found(links(*((i, i + 1) for i in range(10)))) == []


def test_groups_that_one_link_joins_are_two() -> None:
    groups = found(links(*RING, *OTHER_RING, (4, 8)))
    assert sorted(groups) == [[0, 1, 2, 3, 4], [8, 9, 10, 11, 12]]


def test_who_is_linked_with_three_of_a_group_joins_and_who_is_with_two_does_not() -> None:
    large = [*combinations(range(8), 2)]
    near, far = [(0, 9), (1, 9), (2, 9)], [(0, 10), (1, 10)]
    assert found(links(*large, *near, *far)) == [[*range(8), 9]]


def test_members_of_other_communities_stay_there() -> None:
    held = NOBODY.copy()
    held[4] = 0
    assert found(links(*RING), community=held) == [[4]]
    held[:] = -1
    held[14:] = 0
    assert found(links(*RING), community=held) == [[14, 15], [0, 1, 2, 3, 4]]


def test_nothing_comes_of_nothing() -> None:
    assert found(links()) == []


PAIRS = [*combinations(range(ACCOUNTS), 2)]


def cores_plainly(accounts: set[int], linked: set[frozenset[int]]) -> list[set[int]]:
    """Peel, take the core out, go on with what is left, part by part."""

    def partners(one: int, among: set[int]) -> int:
        return sum(frozenset((one, other)) in linked for other in among - {one})

    found, rest = [], set(accounts)
    while rest:
        part = {min(rest)}
        while more := {b for b in rest - part if partners(b, part)}:
            part |= more
        core = set(part)
        while core:
            fewest = min(core, key=lambda one: (partners(one, core), one))
            if partners(fewest, core) >= LINKED * (len(core) - 1):
                break
            core.remove(fewest)
        if len(core) >= CORE_MEMBERS:
            found += [core, *cores_plainly(part - core, linked)]
        rest -= part
    return found


@settings(deadline=None)
@given(st.lists(st.sampled_from(PAIRS)), st.sets(st.sampled_from(RING + OTHER_RING)))
def test_it_equals_looking_at_every_account_at_each_step(some, dense) -> None:
    ends = [*some, *sorted(dense)]
    linked = {frozenset(e) for e in ends}
    cores = cores_plainly({one for e in ends for one in e}, linked)
    groups = found(links(*ends))
    assert len(groups) == len(cores)
    held = set().union(*cores)
    for group in groups:
        (core,) = (c for c in cores if c <= set(group))
        for one in set(group) - core:
            assert one not in held
            assert sum(frozenset((one, other)) in linked for other in core) >= ACTORS
    for one in set(range(ACCOUNTS)) - {a for g in groups for a in g}:
        assert all(sum(frozenset((one, o)) in linked for o in c) < ACTORS for c in cores)
