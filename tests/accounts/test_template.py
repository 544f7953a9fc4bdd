import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.template import LEAST_BYTES, hashes, templates

MIXED = re.compile(rb"(?=.*[0-9])(?=.*[^0-9]).+", re.S)


def slow_template(text: str) -> bytes | None:
    """The same idea, token by token."""
    kept = []
    for token in re.split(rb"[\x00-\x20]+", text.encode()):
        if token.startswith(b"@") or re.match(rb"https?://", token, re.I):
            continue
        # A word of letters and digits is a number, unless it is part of a hashtag.
        token = re.sub(
            rb"(?<![a-zA-Z0-9\x80-\xff#])[a-zA-Z0-9\x80-\xff]+",
            lambda word: b"0" if MIXED.fullmatch(word[0]) else word[0],
            token,
        )
        folded = bytearray()
        for i, byte in enumerate(token):
            if 48 <= byte <= 57:
                if i == 0 or not 48 <= token[i - 1] <= 57:
                    folded.append(48)
            elif byte >= 128 or byte == 35 or chr(byte).isalpha():
                folded += bytes([byte]).lower() if byte < 128 else bytes([byte])
        if folded:
            kept.append(bytes(folded))
    content = b" ".join(kept)
    return content if sum(map(len, kept)) >= LEAST_BYTES else None


pieces = st.one_of(
    st.sampled_from(
        ["@ann", "https://a.example/x", "HTTP://b", "http:/", "Vote", "vote!", "#Vote", "12", "7",
         "a1b22", "K7F3Q", "9zu", "#k7", "a-7b", "7-7", "ёлка7",
         "ёлка", "投票", "\n", "…", "https://", "x@y", "the quick brown fox", "@", "1.2"]
    ),
    st.text(max_size=12),
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(pieces, max_size=12).map(" ".join), max_size=20))
def test_two_texts_have_one_template_exactly_if_the_slow_way_says_so(texts):
    texts = [t.encode("utf-8", "ignore").decode() for t in texts]
    fast = templates(pa.array(texts, pa.string())).tolist()
    slow = [slow_template(t) for t in texts]
    for i, one in enumerate(slow):
        assert (one is None) == (fast[i] == 0)
        for j in range(i):
            assert (one == slow[j]) == (fast[i] == fast[j])


def test_codes_do_not_count_and_hashtags_do():
    one, other, tagged, again = templates(
        pa.array(
            [f"Save forty percent today! Use {code} before midnight"
             for code in ("K7F3-Q2", "9XX2MB-7a", "#euro24", "#euro28x")]
        )
    ).tolist()  # fmt: skip
    assert len({one, tagged, again}) == 3
    assert one == other


def test_names_links_numbers_and_case_do_not_count():
    a, b = templates(
        pa.array(
            [
                "@ann Vote once more for the mayor on 3 May! https://a.example",
                "@bob vote ONCE more for the MAYOR on 17 may",
            ]
        )
    )
    assert a == b != 0


@pytest.mark.parametrize("text", [None, "", "good morning", "@a " * 40, "1 2 3"])
def test_too_little_text_is_no_template(text):
    assert templates(pa.array([text], pa.string())).tolist() == [0]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), min_size=1), st.data())
def test_a_slice_hashes_as_the_whole_does(values, data):
    values = [v and v.encode("utf-8", "ignore").decode() for v in values]
    column = pa.array(values, pa.string())
    start = data.draw(st.integers(0, len(values)))
    assert hashes(column.slice(start)).tolist() == hashes(column).tolist()[start:]
    assert all((h == 0) == (not v) for h, v in zip(hashes(column).tolist(), values, strict=True))
