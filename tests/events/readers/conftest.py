"""How the tests of readers read: bytes in, events and the tally out."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crossfix.events import Event, from_batch
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def _read(
    reader: Reader, name: str, data: bytes, service: str | None = None
) -> tuple[list[Event], Tally]:
    tally = Tally(name, reader.name)
    options = ReadOptions(now=NOW, service=service, batch_rows=3)
    found = reader.read(Source.of_bytes(name, data), options, tally)
    events = [event for batch in found for event in from_batch(batch)]
    assert tally.read == len(events)
    return events, tally


@pytest.fixture(scope="session")
def read() -> Callable[..., tuple[list[Event], Tally]]:
    """Read bytes with one reader: (reader, name, data, service) -> events and tally."""
    return _read
