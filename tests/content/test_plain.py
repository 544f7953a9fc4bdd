import time

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.content.plain import folded_from, origins, plain

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(" \t\n&<>@w.:/htpsAÉеﬁ\u0301\u0316\u0327\u200b\u202e\ud800\x00\"'İıǰﷺ각"),
    ),
    max_size=80,
)


@given(HOSTILE)
@example("J\u030c \u212b İ ﬁ ẞ")
@example("a\x01\u0301 \t\u0301 '\u0301")
@example("see www.a.example &amp;quot; @b <b>")
def test_a_text_is_folded_as_the_slow_way_folds_it(text: str) -> None:
    assert folded_from(text, plain(text)) == fold_one(text)


@given(
    st.lists(st.sampled_from(["word", "слово", "é", " ", "\n", "\u200b", "x\u0301"]), max_size=60)
)
def test_both_ways_beyond_ascii_agree(parts: list[str]) -> None:
    text = "".join(parts)
    assert plain(text) == plain(text + " " + "a" * 2000).removesuffix("a" * 2000).strip(" ")


@given(HOSTILE)
def test_places_lead_back_to_characters_that_fold_to_what_stands_there(text: str) -> None:
    folded = plain(text)
    places = origins(text, folded)
    if places is None:
        return
    assert len(places) == len(folded) + 1
    assert np.all(np.diff(places) >= 0)
    for at, char in enumerate(folded):
        piece = text[places[at] : max(places[at] + 1, places[at + 1])]
        assert char in plain("a" + piece + "a").replace("a", "", 1) or char == " "


def test_places_are_known_for_plain_words_in_any_script() -> None:
    text = "Привет,\u200b  МИР  naïve ﬁne 世界"
    folded = plain(text)
    places = origins(text, folded)
    assert places is not None
    start = folded.index(plain("мир"))
    assert text[places[start] : places[start + 3]].startswith("МИР")


def test_a_long_run_of_accents_takes_no_longer_than_its_length() -> None:
    def seconds(size: int) -> float:
        text = "a" + "\u0301\u0316" * size
        took = []
        for _ in range(3):
            began = time.process_time()
            plain(text)
            took.append(time.process_time() - began)
        return min(took)

    assert seconds(100_000) < 12 * max(seconds(25_000), 1e-3)


def test_texts_longer_than_folding_looks_at_are_plain_to_their_end() -> None:
    assert plain("x " * 30_000 + "END").endswith(" end")
