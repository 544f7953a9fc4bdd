import random
from functools import cache

import pytest

from crossfix.content import fold_one
from crossfix.traces.duplicates import LEAST_SHARED, LEAST_SIMILARITY
from crossfix.traces.near_index import MOST_PROBES, NearIndex
from crossfix.traces.shingles import shingle_one

BASE = "The people of this country deserve a leader who tells them the truth every day"


@cache
def shingles(text: str) -> frozenset[int]:
    return frozenset(shingle_one(fold_one(text)))


def similarity(one: str, two: str) -> float:
    a, b = shingles(one), shingles(two)
    common = len(a & b)
    if not common or (common < LEAST_SHARED and common < len(a | b)):
        return 0.0
    return common / len(a | b)


def changed(text: str, draw: random.Random, rate: float) -> str:
    return " ".join(
        f"z{draw.randrange(10**6)}" if draw.random() < rate else w for w in text.split()
    )


def corpus(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    return [
        " ".join(f"w{draw.randrange(5_000)}" for _ in range(draw.randrange(6, 20)))
        for _ in range(count)
    ]


def test_a_copy_is_found_and_a_stranger_is_not() -> None:
    index = NearIndex(capacity=100)
    index.add([BASE, "Something else that nobody would mistake for the first text"])
    found = index.find("@bob " + BASE.upper().replace("EVERY", "each") + " https://t.co/1")
    assert [m.number for m in found] == [0]
    assert found[0].similarity == pytest.approx(similarity(BASE, BASE.replace("every", "each")))
    assert index.find("A third text about the weather in the north of Norway") == []
    assert index.find("") == []
    assert NearIndex().find(BASE) == []


def test_answers_are_those_of_comparing_with_every_text() -> None:
    draw = random.Random(2)
    texts = corpus(1, 400)
    texts += [changed(t, draw, 0.1) for t in texts[:200]]
    index = NearIndex(capacity=1_000)
    for first in range(0, len(texts), 70):
        index.add(texts[first : first + 70])
    assert len(index) == len(texts)
    missed = met = 0
    for text in texts[:200]:
        query = changed(text, draw, 0.05)
        expected = {
            n: s for n, t in enumerate(texts) if (s := similarity(query, t)) >= LEAST_SIMILARITY
        }
        found = {m.number: m.similarity for m in index.find(query)}
        assert found.keys() <= expected.keys()
        assert all(found[n] == pytest.approx(expected[n]) for n in found)
        met += len(found)
        missed += len(expected) - len(found)
    assert met > 200
    assert missed / (met + missed) < 0.05


def test_a_full_index_forgets_its_older_half_and_keeps_the_numbers() -> None:
    texts = corpus(5, 250)
    index = NearIndex(capacity=100)
    for first in range(0, 250, 25):
        assert index.add(texts[first : first + 25]) == range(first, first + 25)
        assert len(index) <= 100
    assert [m.number for m in index.find(texts[249])] == [249]
    assert index.find(texts[0]) == []
    assert index.add(corpus(6, 500)) == range(250, 750)
    assert len(index) <= 100


def test_a_flooded_bucket_costs_no_more_and_the_newest_are_found() -> None:
    index = NearIndex(capacity=5_000)
    index.add([BASE] * 3_000)
    found = index.find(BASE, at_most=1_000)
    assert len(found) <= MOST_PROBES
    assert found[0].number == 2_999
    assert all(m.similarity == 1 for m in found)


def test_an_index_needs_room() -> None:
    with pytest.raises(ValueError, match="room"):
        NearIndex(capacity=1)
