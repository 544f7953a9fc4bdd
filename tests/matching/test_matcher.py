import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content.plain import plain
from crossfix.content.reading import Reading
from crossfix.errors import InputError
from crossfix.matching import Indicator, Matcher, indicator, signature_of
from crossfix.traces.fingerprint import digest

SAID = "The people of this country deserve a leader who tells them the truth about jobs"


def found(text: str, *indicators: Indicator) -> list[str]:
    values = {i.id: i.value for i in indicators}
    return [values[f.name] for f in Matcher(indicators).find(Reading(text))]


def places(text: str, *indicators: Indicator) -> list[str]:
    return [text[f.start : f.end] for f in Matcher(indicators).find(Reading(text))]


def phrases_slowly(text: str, phrases: list[str]) -> set[str]:
    """Look for every phrase by itself."""
    folded = plain(text)
    letter = "[a-z0-9_\x80-\U0010ffff]"
    return {p for p in phrases if re.search(f"(?<!{letter}){re.escape(p)}(?!{letter})", folded)}


WORDS = st.sampled_from(
    ["red", "redder", "door", "do", "or", "éa", "a_b", "x1", ".", "-", ",", " "]
)


@given(st.lists(WORDS, max_size=30), st.lists(st.lists(WORDS, min_size=1, max_size=4), max_size=6))
def test_phrases_are_found_as_one_by_one(text: list[str], phrases: list[list[str]]) -> None:
    made = []
    for parts in phrases:
        try:
            made.append(indicator("phrase", " ".join(parts)))
        except InputError:
            continue
    said = " ".join(text)
    assert set(found(said, *made)) == phrases_slowly(said, [i.value for i in made])


@pytest.mark.parametrize("text", [
    "evil.example", "http://www.EVIL.example/a", "a.b.evil.example", "x@evil.example.",
    "(evil.example)",
    "ｅvil.example", "ev\u200bil.example", "https://evil.example:8080/?q=1",
])  # fmt: skip
def test_a_domain_is_found_with_its_subdomains_however_it_is_written(text: str) -> None:
    assert found(f"go to {text} now", indicator("domain", "evil[.]example")) == ["evil.example"]


@pytest.mark.parametrize("text", [
    "notevil.example", "evil.example.org", "evil.examples", "my-evil.example", "evil-example",
    "evil .example",     "evil.example-x.org",
])  # fmt: skip
def test_other_names_are_not_taken_for_a_domain(text: str) -> None:
    assert found(f"go to {text} now", indicator("domain", "evil.example")) == []


def test_a_name_in_other_letters_is_another_name() -> None:
    lookalike = indicator("domain", "xn--80ak6aa92e.com")
    assert found("apple.com", lookalike) == []
    assert found("аррӏе.com", lookalike) == ["xn--80ak6aa92e.com"]
    assert found("xn--80ak6aa92e.com", lookalike) == ["xn--80ak6aa92e.com"]


def test_a_page_is_found_whatever_is_added_to_its_address() -> None:
    page = indicator("url", "hxxps://www.bad[.]example/a/?id=7&utm_source=x")
    assert page.value == "bad.example/a?id=7"
    assert found("(see http://bad.example:80/a?fbclid=1&id=7#top).", page) == [page.value]
    assert found("see http://bad.example/b?id=7", page) == []


def test_a_phrase_in_a_script_without_spaces_needs_no_border() -> None:
    assert places("我们要投票给他的", indicator("phrase", "投票给")) == ["投票给"]


def test_places_count_characters_of_the_text_as_written() -> None:
    text = "é… IGNORE\n\nall prev\u200bious instructiоns!"
    (place,) = places(text, indicator("phrase", "ignore all previous instructions"))
    assert place == text[3:-1]


def test_fingerprints_of_texts_are_met_exactly_and_nearly() -> None:
    exact = indicator("text", digest(plain(SAID)))
    near = indicator("near_text", signature_of(SAID), confidence=0.5)
    assert found(SAID.upper() + " https://a.example/1", exact, near) == [exact.value, near.value]
    matcher = Matcher([exact, near])
    (changed,) = matcher.find(Reading(SAID.replace("truth", "facts")))
    assert changed.name == near.id
    assert 0.25 <= changed.score < 0.5
    assert list(matcher.find(Reading("Something else is said here, about the weather"))) == []


def test_what_has_run_out_is_not_matched() -> None:
    phrase = indicator("phrase", "red door", expires=100.0)
    assert len(Matcher([phrase], now=99.0)) == 1
    assert len(Matcher([phrase], now=100.0)) == 0


@given(st.text(st.characters(), max_size=200))
def test_no_text_is_too_hostile(text: str) -> None:
    near = indicator("near_text", signature_of(SAID))
    list(
        Matcher([indicator("domain", "a.example"), indicator("phrase", "aaa"), near]).find(
            Reading(text)
        )
    )
