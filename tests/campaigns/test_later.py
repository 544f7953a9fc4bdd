"""Traces of a second look stand beside those of the first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from crossfix.campaigns.gather import Gathered, gather
from crossfix.campaigns.later import Added, with_later
from crossfix.campaigns.second_look import Means
from crossfix.events import Event, to_batch
from crossfix.traces import Keys, Naming, key_hash

START = datetime(2026, 1, 5, tzinfo=UTC)


def event(number: int, account: str, name: str | None = None) -> Event:
    at = START + timedelta(minutes=number)
    return Event(
        id=name or f"x:{number}", time=at, received=at, service="x", surface="social",
        account=account, action="post", text=f"all that has to be said of number {number}",
    )  # fmt: skip


@pytest.fixture
def gathered(tmp_path):
    events = [event(0, "x:a"), event(1, "x:b"), event(2, "x:c"), event(3, "x:c", "x:2")]
    events += [event(4, "x:a")]
    made = gather([to_batch(events[:2]), to_batch(events[2:])], tmp_path)
    named = made.traces.named({"plot": Naming("text", "followed one plot")})
    yield replace(made, traces=named)
    made.spool.close()


def look(gathered: Gathered, means: Means) -> Added:
    values = pa.array(["one", "two", "one", "one", "one", "one"], pa.string())
    return Added({"plot": Keys(np.array([4, 1, 0, 0, 3, 2]), values)}, ("looked again",))


def left(gathered: Gathered) -> list[tuple]:
    rows = gathered.traces.table.to_pylist()
    names = gathered.traces.accounts.to_pylist()
    code = gathered.traces.code("plot")
    return [(r["event"], names[r["account"]], r["key"]) for r in rows if r["kind"] == code]


def test_what_is_added_is_of_the_event_s_account_once_a_key_and_never_of_a_repeated_event(gathered):
    again, added = with_later(gathered, Means(), (look,))
    one, two = key_hash("plot", "one"), key_hash("plot", "two")
    expected = [(0, "x:a", one), (1, "x:b", two), (2, "x:c", one), (4, "x:a", one)]
    assert left(again) == expected
    assert added.notes == ("looked again",)
    times = {r["event"]: r["time"] for r in again.traces.table.to_pylist()}
    assert times[4] - times[0] == timedelta(minutes=4) / timedelta(microseconds=1)


def test_traces_stay_in_order_of_kind_and_event(gathered):
    table = with_later(gathered, Means(), (look,))[0].traces.table
    pairs = list(zip(table["kind"].to_pylist(), table["event"].to_pylist(), strict=True))
    assert pairs == sorted(pairs)
    assert table.num_rows == gathered.traces.table.num_rows + 4


def test_a_kind_that_is_not_wanted_is_not_added(gathered):
    again, _ = with_later(gathered, Means(without=frozenset({"plot"})), (look,))
    assert again.traces.table.equals(gathered.traces.table)


def test_the_kept_events_come_back_in_order_with_their_rows(gathered):
    seen = [(start, batch.column("id").to_pylist()) for start, batch in gathered.spool.batches()]
    assert seen == [(0, ["x:0", "x:1"]), (2, ["x:2", "x:2", "x:4"])]
    assert gathered.first_seen.tolist() == [True, True, True, False, True]
