"""Scripts and what they tell."""

import pytest

from crossfix.content.script import script_of, variety_of


@pytest.mark.parametrize(
    ("text", "variety"),
    [
        ("Merge the branches", "latin"),
        ("Соседи спорят про рельсы", "cyrillic"),
        ("Мій сусід їде", "ukrainian"),
        ("سلام دوست عزیز، من می\u200cگویم", "persian"),
        ("الجيران يتحدثون عن المكتبة", "arabic"),
        ("住在柳桥夜市楼上八年", "han"),
        ("図書館は古いです", "kana"),
        ("도서관이 문을 닫습니다", "hangul"),
        ("पुस्तकालय बंद होगा", "devanagari"),
        ("הספרייה נסגרת", "hebrew"),
        ("12 + 3!", ""),
    ],
)
def test_letters_tell_the_variety(text: str, variety: str) -> None:
    assert variety_of(text) == variety


def test_the_script_of_most_letters_counts() -> None:
    assert script_of("Tweet: соседи спорят про рельсы") == "cyrillic"
