from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.campaign import Campaign, Change, Link, Member
from crossfix.campaigns.summary import duration, listed, summarise

START = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
PHRASES = {"url": "shared the same link", "repost": "reposted the same post"}


def campaign(members=3, **more) -> Campaign:
    people = tuple(
        Member(account=f"x:{i}", service="x", score=0.9, events=400, first=START, last=START)
        for i in range(members)
    )
    known = {
        "id": "c-1", "members": people, "coordination": 0.97, "inauthenticity": 0.71,
        "parts": {"newness": 0.9, "automation": 0.6, "amplification": 0.1}, "p_value": 1e-9,
        "density": 0.8, "services": ("fb", "x"), "first": START,
        "last": START + timedelta(days=6), "kinds": {"url": 40, "repost": 1}, "summary": "",
        "tags": (), "breakout": 1, "breakout_because": "", "change": Change(what="new"),
        "links": (
            Link(
                account_a="x:0", account_b="x:1", kind="url", window_seconds=60, shared_keys=9,
                expected=0.1, llr=50.0, q_value=1e-6,
            ),
        ),
    }  # fmt: skip
    return Campaign(**{**known, **more})


def test_a_summary_says_who_where_when_and_how():
    assert summarise(campaign(), PHRASES) == (
        "3 accounts on fb and x act as one more often than chance explains (coordination 0.97); "
        "from 3 May 2026 to 9 May 2026 (UTC) they left 1,200 events. "
        "Several of them shared the same link 40 times and reposted the same post once, "
        "some within 1 minute of each other. "
        "There are strong signs of inauthenticity (0.71), above all how new the accounts are and "
        "a rhythm like a timer's. Both scores are high: look here first."
    )


def test_kinds_of_one_family_are_one_signal_and_said_once():
    kinds = {"near_text": 25, "text": 25, "url": 24, "domain": 9}
    phrases = {
        **PHRASES,
        "near_text": "posted nearly the same text",
        "text": "posted the same text",
    }
    families = {"near_text": "text", "text": "text", "url": "link", "domain": "link"}
    said = summarise(campaign(kinds=kinds, links=()), phrases, families)
    assert (
        "Several of them posted the same text 25 times and shared the same link 24 times." in said
    )
    more = summarise(campaign(kinds={**kinds, "near_text": 26}), phrases, families)
    assert "posted nearly the same text 26 times" in more
    assert "posted the same text" not in more


@pytest.mark.parametrize(
    ("level", "word", "end"),
    [
        (0.06, "few", "; that alone is no reason to act."),
        (0.31, "some", ": judge by the evidence."),
    ],
)
def test_who_coordinates_without_strong_signs_of_inauthenticity_is_not_accused(level, word, end):
    said = summarise(campaign(inauthenticity=level), PHRASES)
    assert f"There are {word} signs of inauthenticity ({level:.2f})" in said
    assert said.endswith(f"Newsrooms and fan clubs coordinate too{end}")
    assert "look here first" not in said


def test_unknown_inauthenticity_is_said_and_not_guessed():
    said = summarise(campaign(parts={}, inauthenticity=0.0), PHRASES)
    assert "Nothing is known that tells whether" in said


def test_times_are_utc_whatever_zone_they_come_in():
    zone = datetime.fromisoformat("2026-05-03T00:30:00+09:00")
    said = summarise(campaign(first=zone, last=zone + timedelta(minutes=20)), PHRASES)
    assert "on 2 May 2026 between 15:30 and 15:50 UTC" in said


@settings(deadline=None)
@given(
    st.lists(st.text(min_size=1), max_size=9).map(tuple),
    st.dictionaries(st.text(max_size=99), st.integers(0, 10**9), max_size=6),
    st.dictionaries(st.text(max_size=99), st.floats(0, 1), max_size=6),
    st.one_of(st.none(), st.text()),
    st.floats(0, 1),
)
def test_no_name_from_the_data_breaks_a_line_or_floods_the_summary(
    services, kinds, parts, allowed, level
):
    made = campaign(
        services=services, kinds=kinds, parts=parts, allowed=allowed, inauthenticity=level
    )
    said = summarise(made, PHRASES)
    assert said.isprintable()
    assert len(said) < 1500
    for word in ("bot", "fake", "guilty", "malicious", "criminal"):
        assert word not in summarise(campaign(), PHRASES)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (10, "10 seconds"), (60, "1 minute"), (90, "90 seconds"), (7200, "2 hours"),
     (604800, "7 days")],
)  # fmt: skip
def test_durations_are_said_in_their_greatest_whole_unit(seconds, said):
    assert duration(seconds) == said


def test_long_lists_are_counted():
    assert listed(list("abcde"), "service") == "a, b, c and 2 more services"
    assert listed(["a"]) == "a"
