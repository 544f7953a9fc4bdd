"""Ids of events: who chooses the content must not choose the id."""

import hashlib

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import event_id
from crossfix.events.readers.ids import event_ids, parent_ids

PARTS = st.lists(st.text(alphabet="a:1\x1f\x00", max_size=6), min_size=1, max_size=4)


def test_an_id_is_of_a_hash_that_nobody_makes_collide() -> None:
    said = b"x\x1f\x00\x1f1001"
    assert event_id("x", "1001") == hashlib.blake2b(said, digest_size=16).hexdigest()


def test_no_content_can_be_cut_into_parts_elsewhere() -> None:
    assert event_id("email", None, "lead", "a\x1fb") != event_id("email", None, "lead\x1fa", "b")
    assert event_id("x", None, "\x00", "7") != event_id("x", "7")


@given(PARTS, PARTS)
@settings(deadline=None)
def test_different_content_has_different_ids(one: list[str], other: list[str]) -> None:
    assert (event_id("x", None, *one) == event_id("x", None, *other)) == (one == other)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1)))
@settings(deadline=None)
def test_ids_of_a_column_are_those_made_one_by_one(natives: list[str | None]) -> None:
    rows = len(natives)
    text = pa.array(["same"] * rows, pa.string())
    time = pa.array(range(rows), pa.timestamp("us", "UTC"))
    native, service = pa.array(natives, pa.string()), pa.array(["x"] * rows, pa.string())
    made = event_ids(service, native, text, time, text, text).to_pylist()
    assert made == [
        event_id("x", name, "same", row, "same", "same") for row, name in enumerate(natives)
    ]
    named = [event_id("x", name) if name else None for name in natives]
    assert parent_ids(service, native).to_pylist() == named
