import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crossfix.network.uphold import lifted, upheld


def links(*ends: tuple[int, int]) -> pa.Table:
    return pa.table(
        {
            "account_a": pa.array([a for a, _ in ends], pa.int32()),
            "account_b": pa.array([b for _, b in ends], pa.int32()),
        }
    )


ACTORS = np.arange(8, dtype=np.int32)
COMMUNITY = np.array([0, 0, 0, 0, 1, 1, 1, -1])
HIGH = np.full(8, 0.8)


def kept(*ends: tuple[int, int], score=HIGH, actor=ACTORS) -> list[int]:
    return upheld(COMMUNITY, score, links(*ends), actor).tolist()


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
        found = upheld(community, HIGH, links(*chain), alone)
        assert (found.max() == 0) == holds


def test_no_community_is_upheld_where_there_is_none() -> None:
    none = np.full(3, -1)
    assert upheld(none, np.ones(3), links((0, 1)), ACTORS[:3]).tolist() == [-1] * 3


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(-1, 2)), max_size=20))
def test_members_of_upheld_communities_stand_above_everybody_else(found) -> None:
    score = np.array([s for s, _ in found], dtype=float)
    community = np.array([c for _, c in found], dtype=np.int64)
    answer = lifted(score, community)
    assert (answer[community >= 0] >= 0.5).all()
    assert (answer[community < 0] <= 0.5).all()
    for inside in (community >= 0, community < 0):
        assert (np.diff(answer[inside][np.argsort(score[inside])]) >= 0).all()
