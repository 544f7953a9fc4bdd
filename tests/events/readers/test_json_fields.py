import json

import pytest

from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
    decoded,
    first,
    ident,
    member,
    members,
    string,
)

ROW = {"a": {"b": [{"c": "x"}, 7]}, "n": 12, "big": 10**50, "t": True, "nul": "\x00", "s": " y "}


def test_fields_are_found_along_a_path_or_not_at_all() -> None:
    assert member(ROW, "a", "b", 0, "c") == "x"
    assert member(ROW, "a", "b", 5) is None
    assert member(ROW, "a", "b", "c") is None
    assert member(None, "a") is None


def test_identifiers_are_text_or_whole_numbers() -> None:
    assert ident(ROW, "n") == "12"
    assert ident(ROW, "s") == "y"
    assert [ident(ROW, name) for name in ("big", "t", "nul", "a", "none")] == [None] * 5
    assert first(ROW, "none", "t", "a.b", "n") == "12"
    assert string(ROW, "nul") is None
    assert [count({"v": v}, "v") for v in (3, "4", "4.5", -1, "x", None)] == [
        "3", "4", None, None, None, None,
    ]  # fmt: skip


def test_lists_are_bounded() -> None:
    assert len(members({"l": list(range(20_000))}, "l")) == 10_000
    assert members({"l": "text"}, "l") == []


def test_lone_surrogates_and_odd_bytes_are_replaced() -> None:
    assert decoded(b'{"t": "a\\ud83d b"}') == {"t": "a? b"}
    assert decoded(b'{"t": "\xff"}') == {"t": "\ufffd"}
    assert decoded(json.dumps("\U0001f6a2").encode()) == "\U0001f6a2"


@pytest.mark.parametrize("raw", [b"", b"{", b"NaN", b'{"a": Infinity}', b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(RefusedError):
        decoded(raw)
