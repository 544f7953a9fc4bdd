"""Texts as they come, each given to the first that it resembles."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.live.leaders import KIND, PROBES, Leaders
from crossfix.live.leaders_kernel import MARKS, mark, shared_at_most
from crossfix.traces.duplicates import LEAST_SHARED, LEAST_SIMILARITY, sketch
from crossfix.traces.fingerprint import digests, key_hashes
from crossfix.traces.minhash import BANDS

WORDS = [f"{a}{b}{c}" for a in "bdgkl" for b in "aeiou" for c in ("r", "st", "ng")]


def said(rng: random.Random, many: int) -> list[str]:
    """Return texts of which many vary a few others."""
    first = [rng.choices(WORDS, k=rng.randint(3, 30)) for _ in range(max(1, many // 4))]
    texts = []
    for _ in range(many):
        words = list(rng.choice(first))
        for _ in range(rng.randrange(8)):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(" ".join(words))
    return texts


def slowly(texts: list[str]) -> list[int]:
    """Return the key of each text's cluster: every text compared with all leaders before it."""
    column = pa.array(texts, pa.string())
    shingles, bands = sketch(column, compiled=False)
    names = key_hashes(KIND, digests(column)).tolist()
    ends = shingles.offsets.tolist()
    own = [set(shingles.hashes[a:b].tolist()) for a, b in pairwise(ends)]
    leaders: list[int] = []
    keys = []
    for number, mine in enumerate(own):
        best, most = number, 0.0
        met: dict[int, None] = {}
        for band in range(BANDS):
            same = [i for i in leaders if bands[band, i] == bands[band, number]]
            met |= dict.fromkeys(same[-PROBES:])
        for other in sorted(met):
            shared, union = len(mine & own[other]), len(mine | own[other])
            alike = shared >= LEAST_SHARED or shared == union
            if alike and shared / union >= LEAST_SIMILARITY and shared / union > most:
                best, most = other, shared / union
        if mine and best == number:
            leaders.append(number)
        keys.append(names[best] if mine else 0)
    return keys


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_each_text_joins_the_leader_that_comparing_with_all_finds(seed: int) -> None:
    rng = random.Random(seed)
    texts = said(rng, rng.randint(1, 60))
    leaders = Leaders(1 << 10)
    rows, keys = leaders.keys(pa.array(texts[:20], pa.string()))
    more, others = leaders.keys(pa.array(texts[20:], pa.string()))
    found = dict(zip([*rows.tolist(), *(more + 20).tolist()], [*keys, *others], strict=True))
    assert [found.get(row, 0) for row in range(len(texts))] == slowly(texts)


def test_what_was_forgotten_in_a_full_index_takes_nothing_from_what_is_left() -> None:
    rng = random.Random(3)
    leaders = Leaders(64)
    for number in range(40):
        fresh = pa.array([" ".join(f"w{rng.getrandbits(40)}" for _ in range(12))], pa.string())
        near = pa.array([fresh[0].as_py() + " more"], pa.string())
        (key,) = leaders.keys(fresh)[1]
        if number > 5:
            assert leaders.keys(near)[1].tolist() == [key]
        leaders.keys(pa.array(said(rng, 3), pa.string()))


@given(
    st.sets(st.integers(0, 2**64 - 1), max_size=80), st.sets(st.integers(0, 2**64 - 1), max_size=80)
)
@settings(max_examples=40, deadline=None)
def test_bits_never_tell_of_less_than_two_texts_share(one: set[int], other: set[int]) -> None:
    both = sorted(one | {h for n, h in enumerate(sorted(other)) if n % 2})
    bits, others = np.empty(MARKS, np.uint64), np.empty(MARKS, np.uint64)
    mark(np.array(both, np.uint64), 0, len(both), bits)
    theirs = np.array(sorted(other), np.uint64)
    mark(theirs, 0, len(theirs), others)
    assert shared_at_most(len(both), bits, others) >= len(other & set(both))
    assert shared_at_most(len(both), bits, bits) == len(both)
