"""Wording of one's own: quick counting against an obvious twin, and what it tells apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.traces.origin import Output, OutputIndex, WordingCounts
from crossfix.traces.origin.first_said import FirstSaid
from crossfix.traces.origin.rare import FEW, FEW_TEXTS, LEAST, LEAST_SHARE, USUAL
from crossfix.traces.shingles import shingle

START = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = ["old", "new", "bridge", "river", "school", "crossing", "ferry", "late", "again", "never",
         "harbour", "mayor"]  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), min_size=6, max_size=9).map(" ".join)


def micros(minute: int) -> int:
    return round((START + timedelta(minutes=minute)).timestamp() * 1e6)


def pairs(text: str) -> set[int]:
    return set(shingle(pa.array([fold_one(text)], pa.string())).hashes.tolist())


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, max_size=12),
       st.lists(TEXT, min_size=1, max_size=4))  # fmt: skip
def test_candidates_are_those_of_counting_slowly(
    said: list[str], before: list[str], asked: list[str]
) -> None:
    outputs = [Output(response=str(n), text=t, time=START + timedelta(minutes=10_000))
               for n, t in enumerate(said)]  # fmt: skip
    index = OutputIndex(outputs)
    earlier = before * (FEW_TEXTS // max(len(before), 1) + 1) if len(before) > 6 else before
    times = np.array([micros(n) for n in range(len(earlier))], dtype=np.int64)
    counts = WordingCounts(index, np.concatenate([times, index.times]))
    counts.add(pa.array([fold_one(t) for t in earlier], pa.string()), times)
    counts.add(pa.array(index.folded, pa.string()), index.times[index.output_of])
    found = counts.rare().candidates(pa.array([fold_one(t) for t in asked], pa.string()))

    stretch = [int(np.searchsorted(counts._edges, t, side="right")) for t in times.tolist()]
    own = int(np.searchsorted(counts._edges, micros(10_000), side="right"))
    held = [pairs(t) for t, s in zip(earlier, stretch, strict=True) if s < own]
    different = {fold_one(t) for t in (*earlier, *(s.text for s in index.segments))}
    every = [pairs(text) for text in sorted(different)]
    expected = []
    for row, text in enumerate(asked):
        for number, segment in enumerate(index.segments):
            rare = {
                h for h in pairs(segment.text)
                if sum(h in p for p in held) <= USUAL * len(held)
                and (len(held) >= FEW_TEXTS or sum(h in p for p in every) <= FEW)
            }  # fmt: skip
            shared = len(rare & pairs(text))
            fewer = min(len(rare), len(pairs(text)))
            if shared >= LEAST and shared >= LEAST_SHARE * fewer:
                expected.append((row, number, shared))
    rows = zip(found.rows.tolist(), found.segments.tolist(), found.shared.tolist(), strict=True)
    assert list(rows) == expected


def test_a_frame_with_other_names_is_only_alike_and_a_copy_with_edits_is_not() -> None:
    words = FirstSaid()
    said = ["the bus near the station is late again and nobody knows why",
            "we waited for minutes and minutes"]  # fmt: skip
    words.add(pa.array(said, pa.string()), np.array([1, 2], dtype=np.int64))
    segment = "the bus near orbadorf is 31 minutes late again and zelnar knows why"
    alike = "the bus near grizelstad is 77 minutes late again and banar knows why"
    edited = "well, the bus near orbadorf was 31 minutes late and zelnar knows"
    assert words.only_alike(segment, alike, 10)
    assert not words.only_alike(segment, edited, 10)
    assert not words.only_alike(segment, "nothing in common here at all", 10)


def test_words_of_scripts_without_spaces_tell_nothing() -> None:
    words = FirstSaid()
    assert not words.only_alike("公園は明日から閉まります", "公園は昨日から閉まりました", 10)


def test_a_segment_inherits_the_wording_of_what_it_was_made_from() -> None:
    text = "the old harbour mayor never saw the new ferry crossing late again"
    outputs = [Output(response=str(n), text=text, time=START + timedelta(minutes=n * 9_000))
               for n in range(2)]  # fmt: skip
    index = OutputIndex(outputs)
    times = np.array([micros(n) for n in range(1, 400)], dtype=np.int64)
    counts = WordingCounts(index, np.concatenate([times, index.times]))
    folded = pa.array([f"something else number {n} altogether" for n in range(1, 400)])
    counts.add(folded, times)
    counts.add(pa.array(index.folded, pa.string()), index.times)
    rare = counts.rare()
    asked = pa.array([text], pa.string())
    assert 1 not in rare.candidates(asked).segments.tolist()
    heir = rare.inherit(np.array([1]), np.array([0]))
    assert 1 in heir.candidates(asked).segments.tolist()
