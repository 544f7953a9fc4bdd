"""Texts are taken to an encoder once, however often their vectors are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import Vectors, of_length_one
from crossfix.traces.origin import Encoders

TEXTS = st.lists(st.sampled_from(["one", "two", "three", "four", "five", ""]), max_size=8)


class Counting:
    """An encoder that counts what it reads; a vector counts letters."""

    name = "counting"
    dimensions = 30

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read.update(texts)
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                rows[row, ord(letter) % self.dimensions] += 1
        return of_length_one(rows)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6), st.integers(0, 6))
def test_vectors_are_those_of_the_encoder_whatever_is_remembered(
    batches: list[list[str]], remember: int
) -> None:
    counting = Counting()
    encoders = Encoders(counting, None)
    encoders.remember = remember
    for texts in batches:
        expected = Counting().encode(texts)
        np.testing.assert_array_equal(encoders.read(texts), expected)
        np.testing.assert_array_equal(encoders.many(texts), expected)
    if remember >= 6:
        assert max(counting.read.values(), default=0) <= 2  # once by each of the two ways


def test_what_was_read_before_is_kept_for_asking_again() -> None:
    counting = Counting()
    encoders = Encoders(counting, None)
    (vector,) = encoders.read(["one"])
    encoders.keep("one", vector)
    np.testing.assert_array_equal(encoders.one("one"), vector)
    assert counting.read["one"] == 1
