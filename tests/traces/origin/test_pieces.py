"""What stands far behind the beginning of a long text is found as well."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.origin import Origin, Output, OutputIndex, Post
from crossfix.traces.origin.passage import LONGEST, units
from crossfix.traces.origin.pieces import HALF, MOST, pieces

MADE = datetime(2026, 3, 1, 9, tzinfo=UTC)
DRAFT = "The ferry is late again, and nobody at the harbour office has answered a letter since May."


def filler(words: int, seed: int = 1) -> str:
    rng = Random(seed)
    return " ".join(f"{rng.choice(('moor', 'apple', 'lantern'))}{rng.randrange(10**6)}"
                    for _ in range(words))  # fmt: skip


def found(text: str) -> list[tuple[str, float, str]]:
    origin = Origin(OutputIndex([Output(response="r", text=DRAFT, time=MADE)]), None)
    origin.take([Post(post="p", text=text, service="x", account="x:a",
                      time=MADE + timedelta(hours=1))])  # fmt: skip
    return [(s.kind, s.score, s.post.text) for s in origin.finish()]


def test_a_short_text_is_left_in_one_piece() -> None:
    assert pieces(filler(2 * HALF - 1)) == []


@settings(deadline=None, max_examples=30)
@given(st.integers(2 * HALF + 1, 6 * HALF), st.integers(0, 10**6))
def test_what_half_a_piece_holds_lies_whole_in_one_and_at_its_place(words: int, at: int) -> None:
    text = filler(words)
    first = at % (words - HALF)
    passage = text.split()[first : first + HALF]  # a unit a word
    places = set()
    for piece in pieces(text):
        own = units(piece.text)
        places |= {
            piece.before + n for n in range(len(own) - HALF + 1) if own[n : n + HALF] == passage
        }
    assert places == {first}


@pytest.mark.parametrize("before", [0, 500, 700, 5_000, 20_000])
def test_a_draft_is_found_wherever_it_stands_in_a_long_text(before: int) -> None:
    text = f"{filler(before)}. {DRAFT} {filler(3_000, seed=2)}"
    ((kind, score, part),) = found(text)
    assert (kind, score) == ("contained", 1.0)
    assert DRAFT in part


def test_a_draft_is_found_far_behind_in_a_script_without_spaces() -> None:
    draft = "町の図書館を再び開けてほしい、子どもたちには静かに勉強できる場所が必要だと思います。"
    noise = "".join(chr(0x4E00 + Random(n).randrange(20_000)) for n in range(5_000))
    origin = Origin(OutputIndex([Output(response="r", text=draft, time=MADE)]), None)
    origin.take([Post(post="p", text=noise + draft + noise, service="x", account="x:a",
                      time=MADE)])  # fmt: skip
    assert len(origin.finish()) == 1


def test_a_draft_that_is_repeated_in_overlapping_pieces_is_one_sighting() -> None:
    assert len(found(f"{filler(HALF + 10)} {DRAFT} {filler(HALF + 10, seed=2)}")) == 1


def test_a_long_output_posted_as_it_is_stays_verbatim() -> None:
    text = filler(LONGEST + 200)
    origin = Origin(OutputIndex([Output(response="r", text=text, time=MADE)]), None)
    origin.take([Post(post="p", text=text, service="x", account="x:a", time=MADE)])
    (sighting,) = origin.finish()
    assert (sighting.kind, sighting.post.text) == ("verbatim", text)


def test_the_pieces_of_one_text_are_bounded() -> None:
    assert len(pieces(filler((MOST + 50) * HALF))) <= MOST
