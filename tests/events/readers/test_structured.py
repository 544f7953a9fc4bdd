"""What every reader of a structured format owes, whatever its file holds."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import CrossfixError
from crossfix.events.readers.read import read_files
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.registry import choose, readers
from crossfix.events.readers.source import Source

NAMES = [
    "access-log", "activitystreams", "bluesky", "chat-export", "chat-log", "html", "mail",
    "telegram", "warc", "x-api", "x-archive",
]  # fmt: skip
EXAMPLES = [
    pytest.param(readers()[name], file, data, id=f"{name}-{file}")
    for name in NAMES
    for file, data in readers()[name].examples()
]
JSON_EXAMPLES = [each for each in EXAMPLES if str(each.values[1]).endswith((".json", ".jsonl"))]
ODD = [
    None, True, -1, 0, 10**30, 1e308, 2**63, "", "\x00", "\ud800", "2024", "x" * 5000, [], {},
    [None], [[[]]], {"id": None}, {"": {}}, [{"type": 1}], "9" * 500, "http://[", "@", "://",
]  # fmt: skip
Read = Callable[..., Any]
QUICK = settings(deadline=None, max_examples=60)


def refused_or_read(read: Read, reader: Reader, name: str, data: bytes) -> None:
    """Whatever is in it: events, counted skips or an error of ours; nothing else."""
    source = Source.of_bytes(name, data)
    assert 0.0 <= reader.recognises(source) <= 1.0
    try:
        events, _ = read(reader, name, data)
    except CrossfixError:
        return
    for event in events:
        assert event.account.startswith(f"{event.service}:")
        assert event.time.tzinfo is not None


@pytest.mark.parametrize(("reader", "name", "data"), EXAMPLES)
def test_an_example_is_recognised_and_read_twice_alike(
    read: Read, reader: Reader, name: str, data: bytes
) -> None:
    assert choose(Source.of_bytes(name, data)).name == reader.name
    events, _ = read(reader, name, data)
    again, _ = read(reader, name, data)
    assert events
    assert events == again
    assert len({event.id for event in events}) == len(events)


@pytest.mark.parametrize(("reader", "name", "data"), EXAMPLES)
def test_the_name_of_the_file_does_not_change_the_ids(
    read: Read, reader: Reader, name: str, data: bytes
) -> None:
    events, _ = read(reader, name, data)
    renamed, _ = read(reader, f"copy-of-{name.rpartition('/')[2]}", data)
    assert [event.id for event in events] == [event.id for event in renamed]


@pytest.mark.parametrize(("reader", "name", "data"), EXAMPLES)
@QUICK
@given(random=st.binary(max_size=300))
def test_random_bytes_never_break_a_reader(
    read: Read, reader: Reader, name: str, data: bytes, random: bytes
) -> None:
    refused_or_read(read, reader, name, random)


@pytest.mark.parametrize(("reader", "name", "data"), EXAMPLES)
@QUICK
@given(where=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_never_breaks_a_reader(
    read: Read, reader: Reader, name: str, data: bytes, where: float
) -> None:
    refused_or_read(read, reader, name, data[: int(len(data) * where)])


@pytest.mark.parametrize(("reader", "name", "data"), EXAMPLES)
@QUICK
@given(where=st.floats(0, 1, exclude_max=True), inserted=st.binary(min_size=1, max_size=6))
def test_bytes_put_in_anywhere_never_break_a_reader(
    read: Read, reader: Reader, name: str, data: bytes, where: float, inserted: bytes
) -> None:
    at = int(len(data) * where)
    refused_or_read(read, reader, name, data[:at] + inserted + data[at:])
    refused_or_read(read, reader, name, data[:at] + inserted + data[at + len(inserted) :])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    if isinstance(value, dict):
        inside = [places(each, (*path, key)) for key, each in value.items()]
    elif isinstance(value, list):
        inside = [places(each, (*path, n)) for n, each in enumerate(value)]
    else:
        inside = []
    return [path, *(place for some in inside for place in some)]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at this place."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(("reader", "name", "data"), JSON_EXAMPLES)
def test_a_wrong_type_in_any_field_never_breaks_a_reader(
    read: Read, reader: Reader, name: str, data: bytes
) -> None:
    lines = data.splitlines() if name.endswith("l") else [data]
    for line in lines:
        value = json.loads(line)
        for number, place in enumerate(places(value)):
            for odd in ODD[number % 2 :: 2] if place else ODD:
                refused_or_read(
                    read, reader, name, json.dumps(replaced(value, place, odd)).encode()
                )


@pytest.mark.parametrize("name", NAMES)
def test_deep_nesting_and_blank_files_never_break_a_reader(read: Read, name: str) -> None:
    reader = readers()[name]
    for opening, close in ((b"[", b"]"), (b'{"a":', b"}"), (b"<div>", b""), (b"(", b")")):
        for depth in (100, 100_000):
            refused_or_read(read, reader, "deep.json", opening * depth + b"1" + close * depth)
    for blank in (b"", b"\n", b" \r\n\r\n ", b"\xef\xbb\xbf", b"\x00" * 100, b"{}", b"[]", b"null"):
        refused_or_read(read, reader, "blank.json", blank)


def test_a_folder_of_every_format_is_read_file_by_file(tmp_path: Path) -> None:
    expected = set()
    for name in NAMES:
        for file, data in readers()[name].examples():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            expected.add((str(path), name))
    reading = read_files([tmp_path], ReadOptions(now=datetime(2026, 12, 1, tzinfo=UTC)))
    assert sum(batch.num_rows for batch in reading) > 40
    assert {(tally.path, tally.format) for tally in reading.tallies} == expected
