"""What every reader owes, whatever its format."""

import gzip
import random
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.errors import CrossfixError
from crossfix.events import SCHEMA, SURFACES
from crossfix.events.readers import ReadOptions, Source, Tally, choose, read_files, readers

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPTIONS = ReadOptions(now=NOW, batch_rows=3)

EXAMPLES = [
    pytest.param(name, file, data, id=f"{name}-{file.replace('/', '-')}")
    for name, reader in readers().items()
    for file, data in reader.examples()
]
NAMES = list(readers())


def read(data, file, name, options=OPTIONS):
    tally = Tally(file, name)
    source = Source.of_bytes(file, data)
    batches = list(readers()[name].read(source, options, tally))
    source.close()
    return batches, tally


def attempt(data, file, name):
    """Recognise and read; nothing but our own errors may come out."""
    source = Source.of_bytes(file, data)
    try:
        for reader in readers().values():
            assert 0 <= reader.recognises(source) <= 1
        for batch in readers()[name].read(source, OPTIONS, Tally(file, name)):
            batch.validate(full=True)
    except CrossfixError:
        pass
    finally:
        source.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_has_examples(name):
    assert readers()[name].examples()
    assert readers()[name].name == name


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_an_example_is_recognised_by_its_own_reader(name, file, data):
    assert choose(Source.of_bytes(file, data)).name == name


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_an_example_is_recognised_when_it_is_compressed(name, file, data):
    assert choose(Source.of_bytes(file + ".gz", gzip.compress(data))).name == name


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_an_example_becomes_valid_events(name, file, data):
    batches, tally = read(data, file, name)
    assert sum(batch.num_rows for batch in batches) == tally.read >= 1
    for batch in batches:
        assert batch.schema.equals(SCHEMA)
        assert batch.num_rows <= OPTIONS.batch_rows
        batch.validate(full=True)
        for row in batch.to_pylist():
            assert len(row["id"]) == 32
            assert row["account"].startswith(row["service"] + ":")
            assert row["surface"] in SURFACES
            assert all(row[f.name] is not None for f in SCHEMA if not f.nullable)


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_reading_twice_gives_the_same_events(name, file, data):
    first, _ = read(data, file, name)
    again, _ = read(data, file, name, ReadOptions(now=NOW, batch_rows=1000))
    assert [r for b in first for r in b.to_pylist()] == [r for b in again for r in b.to_pylist()]


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_the_same_file_given_twice_counts_once(name, file, data):
    once = read_files([Source.of_bytes(file, data)], OPTIONS)
    rows = sum(batch.num_rows for batch in once)
    twice = read_files([Source.of_bytes(file, data), Source.of_bytes(file, data)], OPTIONS)
    assert sum(batch.num_rows for batch in twice) == rows
    assert twice.tallies[-1].read == 0
    assert twice.tallies[-1].skipped["duplicate id"] >= rows


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_a_file_cut_anywhere_is_read_or_refused(name, file, data):
    step = max(1, len(data) // 25)
    for end in range(0, len(data), step):
        attempt(data[:end], file, name)


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_a_file_with_garbage_in_it_is_read_or_refused(name, file, data):
    noise = random.Random(file)
    for _ in range(15):
        at = noise.randrange(len(data))
        junk = noise.choice([noise.randbytes(9), b"\0\0", b'"', b"\n", b"\xff\xfe", b"{[", b"]}"])
        attempt(data[:at] + junk + data[at:], file, name)
        attempt(data[:at] + junk + data[at + len(junk) :], file, name)


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_a_truncated_gz_is_read_as_far_as_it_goes(name, file, data):
    packed = gzip.compress(data)
    attempt(packed[: len(packed) * 3 // 4], file + ".gz", name)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=20)
@given(
    data=st.one_of(
        st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"])).map(str.encode)
    )
)
def test_random_bytes_never_break_a_reader(name, data):
    attempt(data, f"file.{name}", name)


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_events_of_the_future_are_refused(name, file, data):
    early = ReadOptions(now=datetime(1995, 1, 1, tzinfo=UTC))
    batches, tally = read(data, file, name, early)
    assert batches == []
    assert tally.read == 0
    assert tally.skipped["time is in the future"] >= 1


OTHER = ReadOptions(now=NOW, batch_rows=3, service="gab")
NAMED = ("account", "mentions", "target")


@pytest.mark.parametrize(("name", "file", "data"), EXAMPLES)
def test_the_service_that_was_said_wins_over_the_formats_own(name, file, data):
    batches, _ = read(data, file, name, OTHER)
    for batch in batches:
        assert set(batch["service"].to_pylist()) == {"gab"}
        assert all(account.startswith("gab:") for account in batch["account"].to_pylist())


@pytest.mark.parametrize(
    ("name", "file", "data", "own"),
    [
        pytest.param(*example.values, own, id=example.id)
        for name, own in {
            "x-archive": "x", "x-api": "x", "activitystreams": "mastodon", "bluesky": "bluesky",
            "telegram": "telegram",
        }.items()
        for example in EXAMPLES
        if example.values[0] == name
    ],
)  # fmt: skip
def test_nothing_of_the_formats_own_service_is_left_where_another_was_said(name, file, data, own):
    usual = pa.Table.from_batches(read(data, file, name)[0])
    said = pa.Table.from_batches(read(data, file, name, OTHER)[0])
    ids = dict(zip(usual["id"].to_pylist(), said["id"].to_pylist(), strict=True))
    assert not ids.keys() & set(ids.values())
    for before, after in zip(usual.to_pylist(), said.to_pylist(), strict=True):
        assert not str(after).count(f"'{own}:")
        assert before["surface"] == after["surface"]
        for field in NAMED:
            expected = before[field]
            if isinstance(expected, list):
                expected = [each.replace(f"{own}:", "gab:", 1) for each in expected]
            elif expected:
                expected = expected.replace(f"{own}:", "gab:", 1)
            assert after[field] == expected
        if before["parent"] in ids:
            assert after["parent"] == ids[before["parent"]]
