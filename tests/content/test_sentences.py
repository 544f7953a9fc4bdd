"""Texts cut into sentences."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.sentences import sentences


def test_short_sentences_join_the_one_before() -> None:
    found = [s.text for s in sentences("I checked the loan figures. Have you? Nobody else did it.")]
    assert found == ["I checked the loan figures. Have you?", "Nobody else did it."]


def test_abbreviations_end_nothing() -> None:
    assert len(sentences("Then Dr. Who came home late again.")) == 1


def test_scripts_without_spaces_are_cut_at_their_own_signs() -> None:
    assert len(sentences("油烟不再往窗户里钻，孩子能睡着。这就是最实在的好消息了。")) == 2


@settings(deadline=None)
@given(st.text(alphabet="ab .?!\n。", max_size=200))
def test_sentences_stand_where_they_say_and_lose_no_word(text: str) -> None:
    found = sentences(text)
    assert all(text[s.start : s.end] == s.text for s in found)
    assert "".join("".join(s.text for s in found).split()) == "".join(text.split())
