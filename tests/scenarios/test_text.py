from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.scenarios.text import Paraphrase, bodies


def said(
    numbers: list[int], variants: list[int], language: int = 0, sentences: int = 2
) -> list[str]:
    count = len(numbers)
    texts: list[str] = bodies(
        np.array(numbers, np.uint64),
        np.array(variants, np.int32),
        np.full(count, language, np.int8),
        np.full(count, sentences, np.int8),
        Paraphrase(),
    ).to_pylist()
    return texts


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 2**63), st.integers(0, 9), st.integers(0, 4), st.integers(1, 5)),
        min_size=1,
        max_size=30,
    )
)
def test_a_text_is_the_same_alone_as_among_others(
    rows: list[tuple[int, int, int, int]],
) -> None:
    number, variant, language, sentences = zip(*rows, strict=True)
    together = bodies(
        np.array(number, np.uint64),
        np.array(variant, np.int32),
        np.array(language, np.int8),
        np.array(sentences, np.int8),
        Paraphrase(),
    ).to_pylist()
    alone = [said([n], [v], t, s)[0] for n, v, t, s in rows]
    assert together == alone
    assert all(together)


def test_texts_differ_and_have_the_size_of_posts() -> None:
    for language in range(5):
        texts = said(list(range(4000)), [0] * 4000, language)
        assert len(set(texts)) > 3990
        assert 20 < float(np.mean([len(text) for text in texts])) < 200


def test_words_are_as_unequal_as_in_life() -> None:
    words = Counter(" ".join(said(list(range(4000)), [0] * 4000, 0)).split())
    counts = sorted(words.values(), reverse=True)
    assert len(counts) > 1000
    assert sum(counts[:100]) / sum(counts) > 0.5


def test_a_paraphrase_keeps_most_words_and_changes_some() -> None:
    kept = []
    for number in range(200):
        plain, varied = said([number, number], [0, 7])
        one, other = set(plain.split()), set(varied.split())
        kept.append(len(one & other) / len(one | other))
    assert 0.5 < float(np.mean(kept)) < 0.9
    assert len(set(said([5] * 12, list(range(12))))) > 8
