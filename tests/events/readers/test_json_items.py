import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events.readers.json_items import Path, json_items, top_level_names

NAMES = st.sampled_from(["messages", "list", "chats", "id", 'a"b', "é", "x" * 9])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
PATHS: list[Path] = [
    ("*",),
    ("messages", "*"),
    ("chats", "list", "*", "messages", "*"),
    ("chats", "list", "*", "id"),
    ("id",),
    ("*", "*"),
]


def walked(value: Any, wanted: list[Path], path: Path = ()) -> list[tuple[Path, Any]]:
    """The obvious way: the whole document in memory."""
    if path in wanted:
        return [(path, value)]
    if isinstance(value, dict):
        inside = [walked(v, wanted, (*path, name)) for name, v in value.items()]
    elif isinstance(value, list):
        inside = [walked(v, wanted, (*path, "*")) for v in value]
    else:
        inside = []
    return [found for some in inside for found in some]


def in_chunks(raw: bytes, size: int) -> list[bytes]:
    return [raw[n : n + size] for n in range(0, len(raw), size)]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(VALUES, max_size=4) | st.dictionaries(NAMES, VALUES, max_size=4),
    st.lists(st.sampled_from(PATHS), unique=True),
    st.integers(1, 40),
    st.booleans(),
    st.sampled_from([None, 1]),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"window.YTD.tweets.part0 = "]),
)
def test_the_scanner_finds_what_a_walk_over_the_whole_document_finds(
    value: Any, wanted: list[Path], size: int, ascii_only: bool, indent: int | None, prefix: bytes
) -> None:
    raw = prefix + json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    found = list(json_items(in_chunks(raw, size), wanted))
    assert all(item.fault is None for item in found)
    assert [(item.path, json.loads(item.raw)) for item in found] == walked(value, wanted)
    assert [item.number for item in found] == list(range(1, len(found) + 1))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.dictionaries(NAMES, VALUES, max_size=3), min_size=1, max_size=4),
    st.data(),
    st.integers(1, 40),
)
def test_a_document_cut_anywhere_gives_the_whole_values_before_the_cut_and_says_so(
    value: list[Any], data: st.DataObject, size: int
) -> None:
    raw = json.dumps(value).encode()
    cut = raw[: data.draw(st.integers(1, len(raw) - 1))]
    *whole, last = list(json_items(in_chunks(cut, size), [("*",)]))
    assert last.fault == "truncated JSON"
    assert [json.loads(item.raw) for item in whole] == value[: len(whole)]


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from('{}[]",:\\a1 \n'), max_size=60).map(str.encode),
    st.lists(st.sampled_from(PATHS), unique=True),
    st.integers(1, 40),
)
def test_any_bytes_end_in_items_or_a_fault_and_chunks_do_not_matter(
    raw: bytes, wanted: list[Path], size: int
) -> None:
    whole = [(i.path, i.raw, i.fault) for i in json_items([raw], wanted) if not i.fault]
    parts = [
        (i.path, i.raw, i.fault) for i in json_items(in_chunks(raw, size), wanted) if not i.fault
    ]
    assert whole == parts
    top_level_names(raw)


def test_a_value_that_is_too_long_or_too_deep_is_refused_and_the_next_is_read() -> None:
    raw = b'["' + b"x" * 100 + b'", ' + b"[" * 50 + b"]" * 50 + b', {"a": 1}]'
    found = list(json_items(in_chunks(raw, 7), [("*",)], max_item=100, max_depth=20))
    assert [item.fault for item in found] == ["too long", "nested too deeply", None]
    assert found[2].raw == b'{"a": 1}'


def test_one_broken_value_costs_one_value() -> None:
    found = list(json_items([b'[{"a": nope}, {"a": 2}]'], [("*",)]))
    assert [item.raw for item in found] == [b'{"a": nope}', b'{"a": 2}']


def test_the_names_of_the_root_object_are_read_from_a_head_that_was_cut() -> None:
    assert top_level_names(b'{"name": "n", "messages": [{"id": 1}, {"i') == ["name", "messages"]
    assert top_level_names(b"[1]") == []


def test_a_file_without_json_says_so_and_a_blank_one_is_empty() -> None:
    assert [i.fault for i in json_items([b"hello"], [("*",)])] == ["malformed JSON"]
    assert [i.fault for i in json_items([b"x" * 9000 + b"["], [("*",)])] == ["malformed JSON"]
    assert list(json_items([b" \n "], [("*",)])) == []
