import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.matching import Checks, Scanner, indicator

CHECKS = Checks(
    [
        indicator("phrase", "ignore all previous instructions"),
        indicator("domain", "evil.example"),
        indicator("regex", r"\bfoo\d{1,9}\b"),
    ]
)
PIECES = st.sampled_from(
    ["Ignore all previous instructions", " evil.example ", "foo12 ", "notevil.example", "é ", ", ",
     "AKIAIOSFODNN7EXAMPLA ", "word " * 40, "anna@town.org ", "\u200b", "ignore all "]
)  # fmt: skip


def streamed(scanner: Scanner, text: str, sizes: list[int]) -> list[tuple[object, ...]]:
    found, at = [], 0
    for size in sizes:
        found += scanner.feed(text[at : at + size])
        at += size
    found += scanner.feed(text[at:])
    found += scanner.finish()
    return sorted((f.check, f.name, f.start, f.end) for f in found)


@given(st.lists(PIECES, max_size=20), st.lists(st.integers(0, 40), max_size=60))
def test_a_stream_yields_what_the_whole_text_does(pieces: list[str], sizes: list[int]) -> None:
    text = "".join(pieces)
    # One piece ten times is told ten times in every look; more than that is told by the stream.
    whole = {(f.check, f.name, f.start, f.end) for f in CHECKS.look(text, "completion")}
    stream = streamed(CHECKS.scanner("completion"), text, sizes)
    assert len(set(stream)) == len(stream)
    assert whole <= set(stream)
    for check, name, start, end in set(stream) - whole:
        assert sum(1 for w in whole if w[:2] == (check, name)) == 10, (start, end)


@pytest.mark.parametrize(
    "secret", ["ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8", "evil.example"]
)
def test_what_is_cut_in_three_is_found_once_with_its_place(secret: str) -> None:
    text = "a " * 300 + secret + " b" * 300
    scanner = CHECKS.scanner("completion")
    cut = 600 + len(secret) // 3
    found = [
        *scanner.feed(text[:cut]),
        *scanner.feed(text[cut : cut + 3]),
        *scanner.feed(text[cut + 3 :]),
    ]
    (one,) = [*found, *scanner.finish()]
    assert text[one.start : one.end] == secret


def test_a_name_is_not_told_before_it_is_known_to_end() -> None:
    scanner = CHECKS.scanner("prompt")
    assert scanner.feed("x" * 80 + " evil.example") == ()
    assert scanner.feed(".org " + "y" * 80) == ()
    assert scanner.finish() == ()


def test_what_was_scanned_less_what_is_held_can_be_let_go() -> None:
    scanner = CHECKS.scanner("completion")
    for _ in range(200):
        scanner.feed("some words ")
    assert 2200 - 64 <= scanner.scanned <= 2200
    assert scanner.hold >= 512
    scanner.finish()
    assert scanner.scanned == 0


def test_the_carry_is_as_long_as_the_longest_indicator_needs() -> None:
    long = indicator("phrase", "word " * 59)
    assert Checks([long]).scanner("prompt").hold >= 2 * len(long.value)
