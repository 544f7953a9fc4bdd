"""No text in ASCII without a pattern's literal is matched by the pattern."""

import re

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.literal import literal

PIECES = (
    "abcd", "Wxyz9", "k", "s", "12", r"\s+", r"\b", r"\d{2,3}", "[a-z]{3,9}", "[^]x]",
    r"[\]a(]", "(?i)", "(?:one|two)", r"(in\)side)?", "(ab(cd)*)", "+", "*", "?",
    "{2}", "{0,3}", "{", "-", r"\.", ".", "^", "$", "|", r"\W", r"\\", r"\(", r"\x41", r"\Qa+\E",
    r"\pL", "+?", r"\t",
)  # fmt: skip


def _matches(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, alphabet=st.characters(max_codepoint=0x7F))


SOME = st.lists(st.sampled_from(PIECES), max_size=3).map("".join)


@settings(deadline=None, max_examples=200)
@given(SOME, SOME, st.data())
def test_what_a_pattern_matches_has_its_literal(
    before: str, after: str, data: st.DataObject
) -> None:
    pattern = f"{before}Offer{after}"
    needed = literal(pattern)
    try:
        found = re2.compile(pattern)
        re.compile(pattern)
    except (re2.error, re.error):
        return
    text = data.draw(_matches(pattern)) + data.draw(st.sampled_from(("", " abcd", "wxyz9 ")))
    for said in (text, text.upper(), text.swapcase()):
        if needed is not None and found.search(said):
            assert needed in said.lower()


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"invoice\s+[a-z]{3,9}-\d+", "invoice"),
        (r"(?i)\bClaim\s+Reward\b[a-z]{0,9}\d{2,}", "reward"),
        (r"wins?\d", None),
        (r"colou?r", "colo"),
        (r"favou?rite", "favo"),
        (r"freee+bies", "freee"),
        (r"gift{2}cards", "cards"),
        (r"free(money|cash)now1", "free"),
        (r"either|other", None),
        (r"(?:either|other) thing", "thing"),
        (r"[abcd]efgh[", None),
        (r"never \x61lone", None),
        (r"\Qa.b\E long", None),
        (r"[[:alpha:]]abcd[^]efgh]", "abcd"),
        (r"[[:alpha:abcd", None),
        ("schön wieder", None),
    ],
)
def test_the_longest_run_that_is_asked_for_is_the_literal(pattern: str, needed: str | None) -> None:
    assert literal(pattern) == needed
