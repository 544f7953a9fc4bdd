"""How much longer a text is than another, whatever they are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.traces.origin.proportion import amount, proportion

SAME = {
    "en": "My kids want computers and a quiet desk, not a damp hall with last year's magazines.",
    "de": "Meine Kinder wollen Computer und einen ruhigen Tisch, keinen feuchten Saal voll Hefte.",
    "zh": "我家孩子要的是电脑和一张安静的书桌，不是潮湿的大厅和去年的旧杂志。",
    "ja": "子どもたちが欲しいのはパソコンと静かな机で、去年の雑誌がある湿った部屋ではない。",
    "ko": "우리 아이들은 작년 잡지가 있는 눅눅한 방이 아니라 컴퓨터와 조용한 책상을 원해요.",
    "he": "הילדים שלי רוצים מחשבים ושולחן שקט, לא אולם טחוב עם עיתונים של השנה שעברה.",
    "ar": "يريد أطفالي حواسيب ومكتبا هادئا، لا قاعة رطبة فيها مجلات العام الماضي.",
    "hi": "मेरे बच्चे कंप्यूटर और शांत मेज़ चाहते हैं, पिछले साल की पत्रिकाओं वाला नम हॉल नहीं।",
    "ru": "Моим детям нужны компьютеры и тихий стол, а не сырой зал с прошлогодними журналами.",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(SAME))
def test_translations_say_about_as_much(language: str) -> None:
    assert abs(proportion(SAME[language], SAME["en"])) < 0.35


@given(st.text(), st.text())
def test_a_text_says_as_much_more_as_the_other_says_less(one: str, other: str) -> None:
    assert proportion(one, other) == pytest.approx(-proportion(other, one))
    assert proportion(one, one) == 0.0


def test_neither_spaces_nor_empty_texts_say_anything() -> None:
    assert amount("a b\n c") == 3
    assert proportion("", " ") == 0.0
