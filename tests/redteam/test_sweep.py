import pytest
from tests.redteam.detectors import copies, everybody

from crossfix.redteam.breaking import cheapest_seen, in_words
from crossfix.redteam.evasion import NAIVE, alone
from crossfix.redteam.orders import reach
from crossfix.redteam.rounds import Fate, Round
from crossfix.redteam.stage import SocialArena
from crossfix.redteam.sweep import LOW_LEVELS, TOGETHER, Point, breaks, sweep

PUBLIC = SocialArena("public", 6_000)


def point(evasion: str, level: float, found: float, reach: float = 1.0) -> Point:
    return Point(evasion, level, "public", 1, found, found, 1.0, 0.0, reach)


def test_a_line_breaks_where_it_crosses_one_half() -> None:
    points = [
        point("delay", 0.0, 1.0), point("delay", 0.5, 0.75, 0.9), point("delay", 1.0, 0.25, 0.5),
        point("cells", 0.0, 1.0), point("cells", 1.0, 0.0, 0.8),
        point("aged", 0.0, 1.0), point("aged", 1.0, 1.0, 0.3),
    ]  # fmt: skip
    delay, cells = breaks(points, PUBLIC)
    assert (cells.evasion, cells.level) == ("cells", 0.5)
    assert (delay.evasion, delay.level) == ("delay", 0.75)
    assert delay.reach == pytest.approx(reach(alone("delay", 0.75)))


def test_copies_are_lost_to_other_words_and_not_to_aged_accounts() -> None:
    names = ("paraphrase", "aged", TOGETHER)
    points = sweep(
        copies, PUBLIC, seed=4, worlds=1, names=names, levels=(0.5, 1.0)
    )  # fmt: skip
    assert [(p.evasion, p.level) for p in points] == [
        (name, level)
        for name in names
        for level in (0.0, *(LOW_LEVELS if name == TOGETHER else ()), 0.5, 1.0)
    ]
    found = {(p.evasion, p.level): p.found for p in points}
    assert found["paraphrase", 0.0] == found["aged", 1.0] == 1
    assert found["paraphrase", 1.0] == found[TOGETHER, 1.0] == 0
    assert {b.evasion for b in breaks(points, PUBLIC)} == {"paraphrase", TOGETHER}


def test_nothing_breaks_a_detector_that_sees_everything() -> None:
    points = sweep(
        everybody, PUBLIC, seed=4, worlds=1, names=("cells",), levels=(1.0,)
    )  # fmt: skip
    assert breaks(points, PUBLIC) == []
    assert "these do not break it: cells" in " ".join(in_words(points, {}, [PUBLIC]))


def test_the_cheapest_playbook_seen_evaded_in_more_than_one_world() -> None:
    lucky, evading, found = (
        Fate(playbook, 14, share, share, reach)
        for playbook, share, reach in (
            (alone("delay", 0.25), 0.0, 0.99), (alone("cells", 0.5), 0.2, 0.7), (NAIVE, 1.0, 1.0),
        )
    )  # fmt: skip
    rounds = [Round(0, (evading, lucky, found), 1.0, 0), Round(1, (evading, found), 1.0, 0)]
    assert cheapest_seen(rounds) == (evading.playbook, 0.7, 2)
    assert cheapest_seen([Round(0, (found, found), 1.0, 0)]) is None
