import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.errors import InputError
from crossfix.matching.near import LEAST_SIMILARITY, NearTexts, signature_of
from crossfix.traces.minhash import BANDS, PERMUTATIONS, band_keys, signatures
from crossfix.traces.shingles import shingle

WORDS = [f"word{n}" for n in range(300)]
DRAW = random.Random(3)
KNOWN = [" ".join(DRAW.choices(WORDS, k=size)) for size in (5, 6, 8, 12, 20, 40, 80, 200) * 8]
INDEX = NearTexts([signature_of(text) for text in KNOWN])


def signed(text: str) -> np.ndarray:
    return signatures(shingle(pa.array([fold_one(text)], pa.string())))


SIGNED = [signed(text) for text in KNOWN]


def slowly(folded: str) -> dict[int, float]:
    """Compare a text with every known one whose signature shares a band with it."""
    own, answer = signed(folded), {}
    for number, other in enumerate(SIGNED):
        agree = float((own == other).sum()) / PERMUTATIONS
        if agree >= LEAST_SIMILARITY and (band_keys(own) == band_keys(other)).any():
            answer[number] = agree
    return answer


@given(st.integers(0, len(KNOWN) - 1), st.floats(0, 0.5), st.integers(0, 10**6))
def test_near_copies_are_found_as_by_comparing_with_every_text(
    number: int, changed: float, seed: int
) -> None:
    draw = random.Random(seed)
    words = [draw.choice(WORDS) if draw.random() < changed else w for w in KNOWN[number].split()]
    folded = fold_one(" ".join(words))
    assert dict(INDEX.find(folded)) == slowly(folded)


def test_the_text_itself_is_found_first_and_others_are_not() -> None:
    for number, text in enumerate(KNOWN):
        assert INDEX.find(fold_one(text))[0] == (number, 1.0)
    assert INDEX.find("something quite different is said here about the weather of today") == []


def test_a_signature_is_the_definition_in_hex() -> None:
    values = np.frombuffer(bytes.fromhex(signature_of(KNOWN[4])), dtype=">u4")
    defined = signatures(shingle(pa.array([fold_one(KNOWN[4])], pa.string())))[:, 0]
    assert values.tolist() == defined.tolist()
    assert len(values) == PERMUTATIONS > BANDS


def test_a_text_that_says_too_little_has_no_signature() -> None:
    with pytest.raises(InputError, match="too little"):
        signature_of("good morning")


def test_nothing_known_finds_nothing() -> None:
    assert NearTexts([]).find("a text that is long enough to be looked at by somebody") == []
