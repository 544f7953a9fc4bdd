import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.accounts.latest import Latest

entries = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 4), st.text("ab\0é", max_size=2)),
    max_size=30,
)


@settings(deadline=None)
@given(entries, st.integers(1, 7))
def test_the_latest_value_stays_and_of_two_at_once_the_greater(rows, size):
    latest = Latest()
    for at in range(0, len(rows), size):
        codes, times, values = zip(*rows[at : at + size], strict=True)
        latest.add(np.array(codes, np.int32), np.array(times, np.int64), pa.array(values))
    slow = {}
    for code, time, value in rows:
        slow[code] = max(slow.get(code, (time, value)), (time, value))
    expected = [slow[c][1] if c in slow else None for c in range(6)]
    assert latest.finish(6).to_pylist() == expected
