from datetime import datetime, timedelta, timezone

import pytest

from crossfix.campaigns.campaign import Change
from crossfix.campaigns.output.report import wording


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (10, "10 s"), (60, "1 min"), (90, "90 s"), (3_600, "1 h"), (5_400, "90 min"),
     (86_400, "1 d"), (604_800, "7 d"), (100_000, "28 h")],
)  # fmt: skip
def test_lengths_of_time_are_said_in_their_largest_fitting_unit(seconds, said):
    assert wording.lasting(seconds) == said


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [("url", "shop.example/a.b", "shop[.]example/a.b"),
     ("url", "https://shop.example/a", "hxxps://shop[.]example/a"),
     ("domain", "shop.example", "shop[.]example"), ("text", "a.b/c", "a.b/c")],
)  # fmt: skip
def test_no_key_can_be_taken_for_an_address(kind, key, said):
    assert wording.key(kind, key) == said


def test_a_score_is_never_rounded_up_to_certainty():
    assert wording.score(0.9999) == "0.99"
    assert wording.score(1.0) == "1.00"
    assert wording.score(0.126) == "0.13"


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0"), (0.25, "0.25"), (1e-12, "1e-12"), (2.4e-5, "2e-5"), (17.0, "17")]
)
def test_tiny_figures_stay_short(value, said):
    assert wording.small(value) == said


def test_times_are_said_in_utc():
    there = datetime(2026, 1, 1, 2, 30, tzinfo=timezone(timedelta(hours=5)))
    assert wording.when(there) == "2025-12-31 21:30"


def test_what_changed_is_said_with_its_counts():
    grown = Change(what="grown", joined=("x:a", "x:b"), left=("x:c",))
    assert wording.changed(grown) == (
        "Grown since the run before: 2 accounts joined and 1 account left."
    )
    assert wording.changed(Change(what="merged", others=("p", "q"))) == "Merged with p and q."
    assert wording.changed(Change(what="new", joined=("x:a",))) == "New in this run."


def test_lists_end_in_an_and():
    assert wording.listed([]) == ""
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
