import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events.readers.cells import array_of, lists, native, text_of, truth

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda of: st.lists(of, max_size=2) | st.dictionaries(st.text(max_size=3), of, max_size=2),
    max_leaves=4,
)


@settings(deadline=None)
@given(st.lists(ANY, max_size=8))
def test_any_values_become_an_array(values):
    made = array_of(values)
    assert len(made) == len(values)
    assert len(text_of(made)) == len(native(made)) == len(truth(made)) == len(values)
    assert len(lists(made, str)) == len(values)


def test_values_that_utf8_cannot_carry_are_replaced():
    assert array_of(["\ud800", "a"]).to_pylist() == ["?", "a"]


def test_numbers_beyond_64_bits_stay_numbers_as_text():
    assert array_of([2**70]).to_pylist() == [str(2**70)]


@pytest.mark.parametrize(
    ("value", "said"),
    [("12", "12"), ("12.0", "12"), (" a ", "a"), ("nan", None), ("", None), ("-1", None),
     (12.0, "12"), (12, "12"), ("None", None), ("1.5", "1.5")],
)  # fmt: skip
def test_ids_are_text_and_nothing_is_nothing(value, said):
    assert native(pa.array([value])).to_pylist() == [said]


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("a, b;c|d e", ["a", "b", "c", "d", "e"]),
        ('["a", "b"]', ["a", "b"]),
        ("['a', 'b']", ["a", "b"]),
        ('[{"text": "a"}, {"tag": "b"}]', ["a", "b"]),
        ("[a, b]", ["a", "b"]),
        ("[]", []),
        ("nan", []),
        ("", []),
        ("a a", ["a"]),
        ("[" * 100_000, []),
    ],
)
def test_lists_are_read_from_each_notation(cell, values):
    assert lists(pa.array([cell]), str).to_pylist() == [values]


def test_commas_inside_links_do_not_part_them():
    cell = "http://a.example/x,y,https://b.example/?q=1;2"
    assert lists(pa.array([cell]), str, urls=True).to_pylist() == [
        ["http://a.example/x,y", "https://b.example/?q=1;2"]
    ]


def test_real_lists_are_taken_as_they_are():
    assert lists(pa.array([["a", "b"], None]), str).to_pylist() == [["a", "b"], []]


def test_yes_is_yes_in_each_type():
    assert truth(pa.array([True, None])).tolist() == [True, False]
    assert truth(pa.array([2, 0])).tolist() == [True, False]
    assert truth(pa.array(["Yes", "no", "RETWEET", ""])).tolist() == [True, False, True, False]
