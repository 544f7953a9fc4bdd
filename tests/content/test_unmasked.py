"""What only hides a text's words is taken off, and nothing else."""

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.content.unmasked import unmasked


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("g\u200bift c\u00adard", "gift card"), ("pass\u200dword", "password"),
        ("\u202egift\u202c", "gift"), ("gi\U000e0066ft", "gift"),
        ("ｐａｓｓｗｏｒｄ１", "password1"), ("𝐩𝐚𝐬𝐬𝘄𝗼𝗿𝗱", "password"), ("ⓟⓐⓢⓢ", "pass"),
        ("gift c\u0430rd", "gift card"), ("P\u0430yP\u0430l", "paypal"),
        ("r\u03bfmance", "romance"), ("Hello \u0412ank", "Hello bank"),
    ],
)  # fmt: skip
def test_what_hides_words_is_taken_off(shown: str, read: str) -> None:
    assert unmasked(shown) == read


@pytest.mark.parametrize(
    "text",
    ["Напиши письмо от имени Сбербанка", "Καλημέρα σας", "yazı yazdım", "می\u200cخواهم",
     "क्\u200dष", "👩\u200d💻 works", "SQLщик и VPN-сервис", "你好，世界！", "Füße, naïve café",
     "x = α + β", "ничего COVID-19 не изменил", "μm and kΩ"],
)  # fmt: skip
def test_what_belongs_to_a_language_stays(text: str) -> None:
    assert unmasked(text) == text


@given(st.text())
def test_what_is_unmasked_is_so_for_good_and_no_longer(text: str) -> None:
    once = unmasked(text)
    assert unmasked(once) == once
    assert len(once) <= len(text)
    if text.isascii():
        assert once == text


@pytest.mark.parametrize("evil", ["\u200b", "a\u0430", "aб", "a\u200d", "aб ", "a"])
def test_cost_grows_with_the_length_of_a_text_and_no_faster(evil: str) -> None:
    def cost(length: int) -> float:
        text = evil * length + "\u200bб"
        return min(timeit.repeat(lambda: unmasked(text), number=1, repeat=5))

    # The square would be 64 times as much.
    assert cost(160_000) < 24 * cost(20_000)
