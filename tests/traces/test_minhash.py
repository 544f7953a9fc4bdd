import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.traces.duplicates import candidates, shared, similarities, sketch
from crossfix.traces.minhash import (
    BAND_FACTOR,
    BANDS,
    FACTORS,
    ROWS,
    TERMS,
    signatures,
)
from crossfix.traces.shingles import shingle, shingle_one

_PIECES = st.sampled_from(
    ["vote", "now", "for", "a1", "é", "ñandú", " ", " ", ".", "…", "-", "選挙", "に", "行", "ไทย",
     "🙂", "русский", "한국", "。", "𠮷", "၁", "ភ", "x" * 70]
)  # fmt: skip
TEXTS = st.lists(st.lists(_PIECES, max_size=20).map("".join).map(fold_one), max_size=8)


@settings(deadline=None, max_examples=150)
@given(TEXTS | st.lists(st.text().map(fold_one), max_size=5))
def test_columns_compiled_code_and_single_texts_have_the_same_shingles(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    fast, keys = sketch(column, compiled=True)
    slow, slow_keys = sketch(column, compiled=False)
    assert fast.hashes.tolist() == slow.hashes.tolist()
    assert fast.offsets.tolist() == slow.offsets.tolist()
    some = np.diff(slow.offsets) > 0
    assert (keys[:, some] == slow_keys[:, some]).all()
    for i, text in enumerate(texts):
        assert slow.hashes[slow.offsets[i] : slow.offsets[i + 1]].tolist() == shingle_one(text)


def test_the_signature_is_fixed() -> None:
    _, keys = sketch(pa.array(["only one party keeps its word"]), compiled=False)
    assert keys[:3, 0].tolist() == [1711754052, 788815182, 569545987]


def test_a_signature_is_the_least_hash_of_each_function() -> None:
    shingles = shingle(pa.array(["one two three four", "", "five six"]))
    signature = signatures(shingles)
    own = [int(h) for h in shingles.hashes[: shingles.offsets[1]]]
    for i in range(BANDS * ROWS):
        least = min(((h >> 32) * int(FACTORS[i]) + int(TERMS[i])) % (1 << 32) for h in own)
        assert int(signature[i, 0]) == least
    assert int(BAND_FACTOR) % 2 == 1


@settings(deadline=None, max_examples=60)
@given(TEXTS, st.data())
def test_shared_shingles_are_counted_as_sets_say(texts: list[str], data: st.DataObject) -> None:
    shingles = shingle(pa.array(texts, pa.string()))
    if not texts:
        return
    index = st.integers(0, len(texts) - 1)
    pairs = data.draw(st.lists(st.tuples(index, index), min_size=1, max_size=10))
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    expected = [len(set(shingle_one(texts[a])) & set(shingle_one(texts[b]))) for a, b in pairs]
    assert shared(shingles, left, right, compiled=False).tolist() == expected
    assert shared(shingles, left, right, compiled=True).tolist() == expected


def test_texts_that_are_equal_meet_and_resemble_each_other_fully() -> None:
    shingles, keys = sketch(pa.array(["a b c d e f", "u v w x y z", "a b c d e f"]))
    left, right = candidates(keys, np.array([True, True, True]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2)]
    assert similarities(shingles, left, right).tolist() == [1.0]


def test_pairs_grow_with_the_texts_and_not_with_their_square() -> None:
    keys = np.ones((BANDS, 10_000), dtype=np.uint32)
    left, _ = candidates(keys, np.ones(10_000, dtype=np.bool_))
    assert len(left) <= 2 * 10_000
