"""What sets a copy apart from a post on the same topic."""

from collections.abc import Sequence

import numpy as np
import pytest

from crossfix.content.encoders import Vectors, of_length_one
from crossfix.content.script import variety_of
from crossfix.traces.origin import Encoders
from crossfix.traces.origin.likeness import Likeness, Response, contrasts, length_of, overlap
from crossfix.traces.origin.yardstick import OTHERWISE, SENTENCES, sentences_of

TOPIC = "libraries cost far too much money"


class Words:
    """An encoder whose vectors count words, so that a cosine is the share of equal ones."""

    name = "words"
    dimensions = 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                rows[row, sum(map(ord, word)) % self.dimensions] += 1
        return of_length_one(rows)


@pytest.fixture
def encoders() -> Encoders:
    return Encoders(Words(), Words())


def test_a_sentence_that_is_found_again_counts_wherever_it_stands(encoders: Encoders) -> None:
    segment = "The old harbour was closed in May. Nobody asked the fishermen about it at all."
    turned = "Nobody asked the fishermen about it at all. The old harbour was closed in May."
    other = "The old harbour was painted in May. Everybody loves the colour of the new fence."
    response = Response([segment], encoders)
    likeness = Likeness(encoders)
    assert likeness.by_first(turned, response, [0])[0, 2] == pytest.approx(1.0, abs=1e-6)
    assert likeness.by_first(other, response, [0])[0, 2] < 0.8


def test_what_siblings_share_does_not_count() -> None:
    drafts = of_length_one(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], np.float32))
    copy, other = of_length_one(np.array([[0.9, 0.7, 0, 0], [1.5, 0, 0, 0.4]], np.float32))
    assert contrasts(drafts, copy)[0] > 0.9
    assert contrasts(drafts, other).max() < 0.7
    assert (drafts @ other).max() > 0.6  # though its cosine is high


def test_a_response_of_one_segment_has_only_its_cosine() -> None:
    one = of_length_one(np.array([[1.0, 1.0]], np.float32))
    np.testing.assert_allclose(contrasts(one, one[0]), [1.0], atol=1e-6)


def test_short_texts_say_less_and_letters_of_unspaced_scripts_say_more() -> None:
    assert length_of("a" * 30) == 30
    assert length_of("漁" * 30) == pytest.approx(72)


def test_a_lift_does_not_depend_on_what_else_is_compared(encoders: Encoders) -> None:
    alone = Response([TOPIC], encoders)
    beside = Response([TOPIC, "The train was late, as it always is."], encoders)
    said = "libraries cost money and somebody pays"
    one, other = Likeness(encoders), Likeness(encoders)
    assert one.lift(said, alone, 0) == other.lift(said, beside, 0)
    assert one.lift(TOPIC, alone, 0) > one.lift(said, alone, 0)


@pytest.mark.parametrize("variety", list(SENTENCES))
def test_the_yardstick_of_a_variety_is_written_in_it(variety: str) -> None:
    assert len(sentences_of(variety)) >= 6
    assert len(set(sentences_of(variety))) == len(sentences_of(variety))
    assert {variety_of(sentence) for sentence in sentences_of(variety)} == {variety}


def test_a_variety_without_sentences_of_its_own_is_measured_by_others() -> None:
    assert sentences_of("georgian") == SENTENCES[OTHERWISE]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("The bridges were closed", "A bridge was opened, they say", 0.25),
        ("Bridge tolls doubled today", "Doubled, the bridge toll, today!", 0.75),
        ("桥今天关闭了", "桥今天开放了", 0.4),
        ("", "anything at all", 0.0),
        ("Die Brücke bleibt gesperrt", "The bridge stays closed", 0.0),
    ],
)
def test_words_in_common_are_told_by_how_they_begin(one: str, other: str, share: float) -> None:
    assert overlap(one, other) == overlap(other, one) == share
