import pytest
from tests.redteam.detectors import copies, everybody

from crossfix.redteam.adversary import Adversary
from crossfix.redteam.evasion import NAIVE, alone
from crossfix.redteam.rounds import CREWS, Round, play, run
from crossfix.redteam.stage import SocialArena

PUBLIC = SocialArena("public", 6_000)


@pytest.fixture(scope="module")
def played() -> list[Round]:
    return list(play(PUBLIC, Adversary(3), copies, rounds=12, seed=3))


def test_the_first_crews_are_naive_and_found(played: list[Round]) -> None:
    assert [f.playbook for f in played[0].fates] == [NAIVE] * CREWS
    assert all(f.found == f.removed == 1 for f in played[0].fates)
    assert sum(f.delivered for f in played[0].fates) == 0


def test_a_detector_that_can_be_beaten_is_evaded_better_in_later_rounds(
    played: list[Round],
) -> None:
    early = [r.fates[0] for r in played[:3]]
    late = [r.fates[0] for r in played[-3:]]
    assert sum(f.found for f in late) <= sum(f.found for f in early)
    assert min(f.delivered for f in late) >= max(f.delivered for f in early[:1])
    assert sum(f.delivered for f in late) / 3 > 0.5


def test_a_detector_that_sees_everything_is_never_evaded() -> None:
    for one in play(PUBLIC, Adversary(3), everybody, rounds=6, seed=3):
        assert [f.found for f in one.fates] == [1.0] * CREWS
        assert [f.delivered for f in one.fates] == [0.0] * CREWS
        assert one.precision < 0.5
        assert one.bystanders > 50


def test_the_same_seed_plays_the_same_game() -> None:
    games = [list(play(PUBLIC, Adversary(seed), copies, rounds=4, seed=seed)) for seed in (4, 4, 5)]
    assert games[0] == games[1]
    assert games[0] != games[2]


def test_shares_are_of_the_crew_s_own_accounts_and_precision_of_those_removed() -> None:
    one = run(PUBLIC, [NAIVE, alone("paraphrase", 1.0)], copies, seed=8)
    naive, worded = one.fates
    assert naive.found == 1
    assert worded.found == 0
    assert worded.delivered == worded.reach < 1
    assert 0 < one.precision <= 1
