"""A budget of texts goes to accounts that have something rare in common already."""

import numpy as np
import pyarrow as pa

from crossfix.traces import TRACES
from crossfix.traces.meaning import chosen, wordings
from crossfix.traces.meaning.choice import in_common

TEXT, NEAR, URL = 0, 1, 2
WEIGHTS = {TEXT: 0.3, NEAR: 0.3, URL: 1.0}


def traces(rows: list[tuple[int, int, int, int]]) -> pa.Table:
    """Make traces of (account, kind, key, event), an event a minute."""
    ordered = sorted(rows, key=lambda row: (row[1], row[3]))
    columns = [[row[n] for row in ordered] for n in range(4)]
    times = [60_000_000 * event for event in columns[3]]
    arrays = [*columns[:3], times, columns[3]]
    return pa.table(arrays, names=TRACES.names).cast(TRACES)


def test_near_duplicates_are_one_wording_and_its_earliest_event_stands_for_it() -> None:
    rows = [(0, TEXT, 7, 0), (1, TEXT, 5, 1), (2, TEXT, 9, 2), (0, NEAR, 3, 0), (2, NEAR, 3, 2)]
    said = wordings(traces(rows), TEXT, NEAR)
    assert said.key.tolist() == [3, 5]
    assert said.event.tolist() == [0, 1]
    assert said.events.tolist() == [0, 1, 2]
    assert said.of.tolist() == [0, 1, 0]


def test_where_texts_leave_no_trace_there_are_no_wordings() -> None:
    said = wordings(traces([(0, NEAR, 3, 0), (1, NEAR, 3, 1)]), TEXT, NEAR)
    assert len(said.key) == len(said.event) == len(said.of) == len(said.events) == 0


def test_everything_is_read_where_the_budget_allows_it() -> None:
    table = traces([(n % 3, TEXT, 100 + n, n) for n in range(9)])
    said = wordings(table, TEXT, NEAR)
    owners, times = np.arange(9) % 3, np.arange(9) * 60
    assert chosen(said, table, owners, times, 9, WEIGHTS).tolist() == list(range(9))


def test_accounts_with_something_rare_in_common_come_first_and_then_the_latest_texts() -> None:
    rows = [(n % 4, TEXT, 100 + n, n) for n in range(20)]
    rows += [(1, URL, 55, 1), (3, URL, 55, 3)]
    table = traces(rows)
    said = wordings(table, TEXT, NEAR)
    owners, times = (np.arange(20) % 4).astype(np.int32), np.arange(20) * 60
    ten = chosen(said, table, owners, times, 10, WEIGHTS)
    assert set(owners[said.event[ten]].tolist()) == {1, 3}
    twelve = chosen(said, table, owners, times, 12, WEIGHTS)
    rest = sorted(set(said.event[twelve].tolist()) - set(said.event[ten].tolist()))
    assert rest == [16, 18]


def test_what_everybody_shares_is_not_rare() -> None:
    common = [(n, URL, 1, n) for n in range(40)]
    rare = [(0, URL, 2, 50), (1, URL, 2, 51)]
    shared = in_common(traces(common + rare), 40, WEIGHTS)
    assert shared[0] > 0
    assert shared[1] > 0
    assert not shared[2:].any()
