"""A glance rules out only what the searches themselves do not find."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold_one
from crossfix.content.plain import plain
from crossfix.content.reading import Reading
from crossfix.matching import Checks, Matcher, glance_kernel, indicator, near_kernel, signature_of
from crossfix.matching.glance import LITERALS, LONGEST, NEAR, STRINGS, Glance
from crossfix.matching.near import NearTexts

ASCII = st.text(st.characters(max_codepoint=0x7F), max_size=120)
WORDS = ("pay", "the", "Invoice", "a_b", "x9", "now.", "lure-1.example", "it's", "", " ", "\n",
         "$$$", "www.a.example", "<b>", "you@me", "invoiceinvoice", "//", "claim")  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | ASCII
WAVE = (
    "we the people of this town have had enough of empty promises from the council and say it "
    "loudly tonight at the old bridge where everybody can hear us"
)


@settings(deadline=None)
@given(TEXTS)
def test_a_text_in_ascii_is_folded_as_everywhere(text: str) -> None:
    raw = np.frombuffer(text.encode(), dtype=np.uint8)
    out = np.empty(len(raw) + 32, dtype=np.uint8)
    count = glance_kernel._folded(raw, out)
    assert out[:count].tobytes().decode() == plain(text)


@settings(deadline=None)
@given(TEXTS, st.lists(st.sampled_from((*WORDS[:4], *WAVE.split()[:6])), max_size=30).map(" ".join))
def test_near_duplicates_are_ruled_out_as_by_their_own_marks(text: str, other: str) -> None:
    near = NearTexts([signature_of(WAVE), signature_of("the invoice and a claim " * 3)])
    glance = Glance((), (), near.marks)
    for said in (text, other):
        folded = fold_one(said)
        meets = near_kernel.meets(np.frombuffer(folded.encode(), dtype=np.uint8), near.marks)
        holds = bool(glance.rules_out_all_but(said.encode()) & NEAR)
        assert holds or not meets
        if not any(sign in said for sign in ("&", "<", ">", "@", "//", "www")):
            assert holds == meets


KNOWN = [
    indicator("domain", "lure-1.example"), indicator("phrase", "claim your reward today"),
    indicator("phrase", "$$$ now."), indicator("phrase", "the invoice"),
    indicator("url", "a.example/pay"), indicator("hash", "ab" * 32),
    indicator("regex", r"(?i)invoice\s*\d"), indicator("regex", r"\d{5}-\d"),
    indicator("near_text", signature_of(WAVE)), indicator("phrase", "schöne grüße an alle"),
]  # fmt: skip
SAID = ("claim your reward today", "the  Invoice 7", "xthe invoice", "lure-1.example", "ab" * 32,
        "https://a.example/pay", "$$$ now.", "12345-6", "Schöne Grüße an alle", WAVE,
        "th\x00e 'invoice'", "\u0441laim your reward today", "INVOICE1",
        "preclaim your reward today")  # fmt: skip

QUICK, SLOW = Checks(KNOWN), Checks(KNOWN)
assert QUICK.matcher._glance is not None
SLOW.matcher._glance = None


@settings(deadline=None)
@given(st.lists(st.sampled_from(SAID) | TEXTS, max_size=4).map(" ".join))
def test_with_a_glance_all_is_found_that_is_found_without(text: str) -> None:
    assert QUICK.look(text, "prompt") == SLOW.look(text, "prompt")


@pytest.mark.parametrize("text", [text for text in SAID if not text.startswith(("xthe", "pre"))])
def test_each_of_what_is_known_is_found_with_a_glance(text: str) -> None:
    found = QUICK.look(text, "prompt")
    assert found
    assert found == SLOW.look(text, "prompt")


@settings(deadline=None)
@given(
    st.lists(st.binary(min_size=4, max_size=24), min_size=1, max_size=20),
    st.lists(st.sampled_from(("", " ", "a ", "_", "b-")), max_size=5).map("".join),
    st.data(),
)
def test_a_string_where_a_word_may_begin_and_a_literal_anywhere_are_never_ruled_out(
    drawn: list[bytes], before: str, data: st.DataObject
) -> None:
    strings = [plain(s.hex()).encode() for s in drawn]
    glance = Glance(strings, strings)
    held = data.draw(st.sampled_from(strings)).decode()
    raw = (before + held + data.draw(ASCII)).encode()
    assert glance.rules_out_all_but(raw) & LITERALS
    if not before or before[-1] in " -":
        assert glance.rules_out_all_but(raw) & STRINGS


def test_ordinary_texts_are_ruled_out_among_ten_thousand_strings() -> None:
    draw = random.Random(3)
    words = ["".join(draw.choices("abcdefghij", k=6)) for _ in range(500)]
    held = {" ".join(draw.sample(words, 4)) for _ in range(10_000)}
    glance = Glance([one.encode() for one in held], [b"needle77", b"pin4"])
    asked = [" ".join(draw.choices(words, k=150)) for _ in range(200)]
    said = [glance.rules_out_all_but(text.encode()) for text in asked]
    # Words that strings begin with are not enough: sixteen bytes of one have to stand there.
    assert sum(one != 0 for one in said) < 40
    assert glance.rules_out_all_but(f"{asked[0]} {min(held)}".encode()) == STRINGS
    assert glance.rules_out_all_but(f"{asked[0]}NEEDLE77".encode()) & LITERALS


def test_of_texts_beyond_what_is_compared_near_duplicates_are_not_ruled_out() -> None:
    near = NearTexts([signature_of(WAVE)])
    glance = Glance((), (), near.marks)
    assert glance.rules_out_all_but(b"a b " * (LONGEST // 4)) == 0
    assert glance.rules_out_all_but(b"a b " * (LONGEST // 4 + 1)) == NEAR


def test_short_strings_are_always_searched_and_refused_by_a_glance() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        Glance([b"abc"])
    assert Glance(None).rules_out_all_but(b"whatever is said") == STRINGS
    short = [indicator("domain", "t.me"), indicator("hash", "ab" * 16)]
    short += [indicator("near_text", signature_of(WAVE))]
    assert Matcher(short).find(Reading("see t.me/somebody"))
