"""What an encoder is given to read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.wording import undisguised, worded


@pytest.mark.parametrize(
    ("dressed", "said"),
    [
        ("#CorvaneFoods says it 🧅🧅 (1/2) @bob https://x.y/z", "Corvane Foods says it"),
        ("L\u200boud peo\u00adple are here", "Loud people are here"),
        ("Cоunсіllоr Wеndle dіd it", "Councillor Wendle did it"),
        ("Жaлоба oт coceдeй поcле собрания", "Жалоба от соседей после собрания"),
        ("Живу в Верхнелипске и люблю Python", "Живу в Верхнелипске и люблю Python"),
        ("READ THIS NOW, ALL OF YOU", "read this now, all of you"),
        ("fish &amp; chips", "fish & chips"),
    ],
)
def test_a_text_is_read_without_its_dress(dressed: str, said: str) -> None:
    assert worded(dressed) == said


def test_the_joiner_of_persian_words_stays() -> None:
    assert "\u200c" in worded("می\u200cخریم از کشاورز")


@settings(deadline=None)
@given(st.text())
def test_undoing_a_disguise_twice_changes_nothing_more(text: str) -> None:
    once = undisguised(text)
    assert undisguised(once) == once
