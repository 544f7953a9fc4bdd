"""The sieve never rules out a text that holds one of its strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content.reading import Reading
from crossfix.matching import indicator
from crossfix.matching.matcher import MANY, Matcher
from crossfix.matching.sieve import Sieve

STRINGS = st.lists(st.binary(min_size=4, max_size=12), min_size=1, max_size=20)


@given(STRINGS, st.binary(max_size=30), st.binary(max_size=30), st.data())
def test_a_text_that_holds_a_string_is_never_ruled_out(
    strings: list[bytes], before: bytes, after: bytes, data: st.DataObject
) -> None:
    held = data.draw(st.sampled_from(strings))
    assert Sieve(strings).may_hold(before + held + after)


@given(STRINGS, st.binary(max_size=60))
def test_what_is_not_ruled_out_begins_like_a_string_nearly_always(
    strings: list[bytes], text: bytes
) -> None:
    begins = any(
        text[at : at + min(8, len(s))] == s[:8] for at in range(len(text)) for s in strings
    )
    # Twenty strings of a table of a million bits: what else meets a mark is very rare.
    assert Sieve(strings).may_hold(text) == begins


def test_ordinary_words_are_ruled_out_among_ten_thousand_strings() -> None:
    sieve = Sieve([b"lure-%d.example" % n for n in range(10_000)])
    assert not sieve.may_hold(b"please write a friendly letter to my aunt about the garden " * 20)
    assert sieve.may_hold(b"see lure-77.example")


def test_a_string_shorter_than_four_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        Sieve([b"abc"])


def test_an_indicator_is_found_at_the_end_of_a_text_among_very_many() -> None:
    held = [indicator("domain", f"lure-{n}.example") for n in range(MANY)]
    matcher = Matcher(held)
    found = matcher.find(Reading("have a look at lure-7.example"))
    assert [one.name for one in found] == [held[7].id]
    assert not matcher.find(Reading("have a look at lure-7.example.org"))
