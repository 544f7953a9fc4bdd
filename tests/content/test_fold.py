import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.alone import fold_compiled, form_of
from crossfix.content.fold import LONGEST, fold, fold_one

_TRICKY = st.lists(
    st.sampled_from(
        [
            "a", "B", " ", "\n", "\x1e", "\x00", "&amp;", "&amp;lt;", "&quot;", "&", "'", "@bob",
            "@a@b.c", "https://x.y/?a=1&b", "www.x.y", "HTTPS://", "#Tag", "\u200b", "\u202e", "е",
            "İ", "ß", "ſ", "ﬁ", "Å", "\u0301", "\u0345", "ΐ", "。", "中文", "ﾊﾟ", "가", "\u1100",
            "\u1161", "\U0001f600", "\ufe0f", ".", "-", "_", "ς", "ΑΣ", "@", "＠b", "&nbsp;", "&lt",
            "&#39;", "&#039", "http:/", "s://", "www", "<", "  ", "ก\u0e38", "ক\u09be", "か\u3099",
            "ｶﾞ", "ﷺ", "\u2009", "𝐅", "각",
        ]
    )
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.lists(st.one_of(st.text(), _TRICKY), max_size=12))
def test_the_column_and_the_string_fold_to_the_same_bytes(texts: list[str]) -> None:
    column, expected = pa.array(texts, pa.string()), [fold_one(t) for t in texts]
    assert fold(column, compiled=False).to_pylist() == expected
    assert fold(column, compiled=True).to_pylist() == expected


def test_every_character_folds_alike_in_column_and_string() -> None:
    points = [chr(p) for p in (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE1000))]
    folded = [fold_one(p) for p in points]
    assert fold(pa.array(points), compiled=False).to_pylist() == folded
    assert fold(pa.array(points), compiled=True).to_pylist() == folded


@pytest.mark.parametrize("before", ["e", "가", "ক", "か", "ｶ", "ρ", " "])
def test_every_character_folds_alike_behind_another(before: str) -> None:
    points = [before + chr(p) for p in (*range(0xD800), *range(0xE000, 0x20000))]
    assert fold(pa.array(points), compiled=True).equals(fold(pa.array(points), compiled=False))


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="&@<> :/.-;abhltpsw#39xquotmgn", max_size=30))
def test_markup_is_stripped_alike_by_compiled_code_and_patterns(text: str) -> None:
    assert fold(pa.array([text]), compiled=True).to_pylist() == [fold_one(text)]


def test_texts_whose_characters_combine_are_left_to_the_slow_way() -> None:
    assert form_of("é") == "é".encode()
    assert form_of("\u0301") is None
    assert form_of("\u11a8") is None
    _, left = fold_compiled(pa.array(["é", "e\u0323\u0301", "a"]))
    assert left.tolist() == [1]


@settings(deadline=None, max_examples=300)
@given(_TRICKY)
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    once = fold_one(text)
    assert fold_one(once) == once


@pytest.mark.parametrize(
    "disguised",
    [
        "FREE  Bitcoin\tfor everyone",
        "Free Bitcoin for everyone https://t.co/abc123",
        "@someone free bitcoin for everyone",
        "Frее Bitсоin fоr еvеryоne",
        "F\u200bree Bit\u2060coin for ever\u00adyone\u202e",
        "Ｆｒｅｅ Ｂｉｔｃｏｉｎ for everyone",
        "𝐅𝐫𝐞𝐞 𝑩𝒊𝒕𝒄𝒐𝒊𝒏 for everyone",
        "“Free” Bitcoin for everyone",
        "&quot;Free&quot; bitcoin for &amp; everyone",
        "F\u0301r\u0336ee Bitcoin for everyone".replace("F\u0301", "F"),
    ],
)
def test_disguises_of_one_text_fold_to_one_string(disguised: str) -> None:
    assert fold_one(disguised) == "free bitcoin for everyone"


def test_different_texts_stay_different() -> None:
    texts = ["Vote on Monday", "Vote on Tuesday", "投票は月曜日", "投票は火曜日", "é", "e"]
    assert len({fold_one(t) for t in texts}) == len(texts)


def test_an_address_in_a_text_is_no_mention() -> None:
    assert fold_one("write to bob@example.org") == "write to bob@example.org"


def test_japanese_after_a_link_is_kept() -> None:
    assert fold_one("https://t.co/abc続きを読む") == "続きを読む"


def test_a_huge_text_costs_no_more_than_its_beginning() -> None:
    text = "ﷺ" * 1_000_000
    assert fold_one(text) == fold(pa.array([text]), compiled=False).to_pylist()[0]
    assert fold_one(text) == fold(pa.array([text]), compiled=True).to_pylist()[0]
    assert len(fold_one(text)) <= LONGEST * 18


def test_nulls_and_slices_are_folded() -> None:
    texts = pa.array(["Ä", None, "B", "ü x"]).slice(1)
    for compiled in (False, True):
        assert fold(texts, compiled).to_pylist() == ["", "b", "ü x"]
        assert fold(pa.array([], pa.string()), compiled).to_pylist() == []
