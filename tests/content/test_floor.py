import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content import fold_one, says_enough, says_enough_one


@pytest.mark.parametrize(
    ("folded", "enough"),
    [
        ("", False),
        ("good morning", False),
        ("a b c d e", False),
        ("thank you so very much", True),
        ("#a #b #c #d #e #f #g #h", False),
        ("おはようございます", False),
        ("明日の選挙に必ず行ってください", True),
    ],
)
def test_short_texts_are_below_the_floor(folded: str, enough: bool) -> None:
    assert says_enough_one(folded) is enough


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab# é選挙日本ไทย🙂", max_size=40)))
def test_column_and_string_agree(texts: list[str]) -> None:
    folded = [fold_one(t) for t in texts]
    column, expected = pa.array(folded, pa.string()), [says_enough_one(t) for t in folded]
    assert says_enough(column, compiled=False).tolist() == expected
    assert says_enough(column, compiled=True).tolist() == expected
