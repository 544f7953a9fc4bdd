import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events.readers.jsonrows import elements, flat, objects_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally


def objects(data):
    tally = Tally("x")
    return [found for _, found in objects_of(Source.of_bytes("x.json", data), tally)], tally


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=6)
    | st.sampled_from('"[]{}\\')
)
VALUES = st.recursive(
    LEAVES,
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=4), of, max_size=3),
    max_leaves=8,
)
ROWS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=6)


@settings(deadline=None, max_examples=200)
@given(rows=ROWS, indent=st.sampled_from([None, 1]), cut=st.integers(1, 7))
def test_an_array_is_split_like_the_json_module_reads_it(rows, indent, cut):
    text = json.dumps(rows, indent=indent).encode()
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    assert [json.loads(piece) for piece in elements(pieces)] == rows


ROW = {"id": "1", "text": "a"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"id": "1", "text": "a"}\n{"id": "2", "text": "b"}\n',
        b'[{"id": "1", "text": "a"}, {"id": "2", "text": "b"}]',
        json.dumps([ROW, {"id": "2", "text": "b"}], indent=2).encode(),
        b'{"items": [{"id": "1", "text": "a"}, {"id": "2", "text": "b"}], "next": 3}',
        json.dumps({"data": {"posts": [ROW, {"id": "2", "text": "b"}]}}, indent=1).encode(),
        b'[{"id": "1", "text": "a"},\n{"id": "2", "text": "b"}]\n',
    ],
)
def test_each_shape_of_json_gives_its_objects(data):
    assert objects(data)[0] == [ROW, {"id": "2", "text": "b"}]


def test_one_object_is_one_row():
    assert objects(b'{"id": "1", "text": "a"}')[0] == [ROW]


def test_lines_that_are_no_objects_are_refused():
    read, tally = objects(b'{"id": "1", "text": "a"}\nnull\n{"id": \n[1]\n{"id": "2"}\n')
    assert read == [ROW, {"id": "2"}]
    assert dict(tally.skipped) == {"not a JSON object": 2, "not JSON": 1}


def test_a_broken_array_is_read_as_far_as_it_goes():
    read, tally = objects(b'[{"id": "1", "text": "a"}, {"id": "2", "te')
    assert read == [ROW]
    assert dict(tally.skipped) == {"not JSON": 1}


def test_a_broken_document_is_read_as_far_as_it_goes():
    read, tally = objects(b'{"items": [\n{"id": "1", "text": "a"},\n {"id": "2", "te')
    assert read == [ROW]
    assert tally.skipped or tally.notes


def test_nesting_without_end_is_refused():
    deep = b'{"a":' * 100_000
    read, tally = objects(b'{"id": "1", "text": "a"}\n' + deep + b"\n")
    assert read == [ROW]
    assert sum(tally.skipped.values()) == 1


def test_nested_objects_get_dotted_names():
    assert flat({"user": {"name": "a", "of": {"x": 1}}, "tags": ["b"]}) == {
        "user.name": "a", "user.of.x": 1, "tags": ["b"],
    }  # fmt: skip


GARBAGE = st.text(
    st.characters(exclude_characters="\n\r\0{", exclude_categories=["Cs"]), min_size=1
)


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 99), GARBAGE), min_size=1, max_size=30))
def test_every_valid_line_between_garbage_comes_back(mixed):
    lines = [json.dumps({"id": m}) if isinstance(m, int) else m for m in [0, *mixed]]
    read, _ = objects("\n".join(lines).encode())
    assert [row["id"] for row in read] == [m for m in [0, *mixed] if isinstance(m, int)]
