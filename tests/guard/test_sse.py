import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.guard.sse import Splitter, fields
from crossfix.guard.wire import MalformedError

ENDS = st.sampled_from(["\n", "\r\n", "\r"])
LINES = st.text('abc: {}"é', max_size=12)


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A stream in one of the three ways to end lines, and what its events say."""
    end = draw(ENDS)
    said, written = [], ""
    for name, lines in draw(
        st.lists(st.tuples(st.sampled_from(["", "error"]), st.lists(LINES, min_size=1)))
    ):
        head = f"event: {name}{end}" if name else ""
        written += head + "".join(f"data: {line}{end}" for line in lines) + end
        said.append((name.encode(), "\n".join(lines).encode()))
    return written.encode(), said


@given(streams(), st.data())
def test_however_a_stream_is_cut_the_same_events_come(
    stream: tuple[bytes, list[tuple[bytes, bytes]]], data: st.DataObject
) -> None:
    raw, said = stream
    splitter, found = Splitter(), []
    while raw:
        size = data.draw(st.integers(1, len(raw)))
        found += splitter.feed(raw[:size])
        raw = raw[size:]
    assert [fields(event) for event in found] == said
    assert splitter.rest() == b""


def test_a_comment_says_nothing_and_what_is_no_event_yet_waits() -> None:
    splitter = Splitter()
    assert [fields(e) for e in splitter.feed(b": alive\n\nda")] == [(b"", b"")]
    assert splitter.feed(b"ta: x\n") == []
    assert splitter.rest() == b"data: x"
    assert [fields(e) for e in splitter.feed(b"\n")] == [(b"", b"x")]


def test_an_event_that_never_ends_is_malformed() -> None:
    splitter = Splitter(most_bytes=100)
    for _ in range(10):
        splitter.feed(b"x" * 10)
    with pytest.raises(MalformedError):
        splitter.feed(b"x")
