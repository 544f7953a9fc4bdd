"""Small tables of traces, paired by the real engine."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from hypothesis import strategies as st

from crossfix.network.pair import Pairs, pair
from crossfix.store.engine import Engine
from crossfix.traces import TRACES

SECOND = 1_000_000
KINDS = ("repost", "hashtag", "hashtag_set", "text", "credential")
FAMILIES = ("repost", "hashtag", "hashtag", "text", "infrastructure")

Row = tuple[int, int, int, int, int]
"""Account, kind, key, time in seconds, event."""


def table(rows: Sequence[Row]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    account, kind, key, seconds, event = columns
    return pa.table([account, kind, key, [s * SECOND for s in seconds], event], schema=TRACES)


def paired(rows: Sequence[Row]) -> Pairs:
    with Engine(threads=1) as engine:
        return pair(table(rows), engine)


ACCOUNTS = 6

POSTS = st.lists(
    st.tuples(
        st.integers(0, ACCOUNTS - 1),
        st.integers(0, 4_000),
        st.lists(
            st.tuples(st.integers(0, len(KINDS) - 1), st.integers(0, 3)), min_size=1, max_size=4,
            unique=True,
        ),
    ),
    max_size=18,
)  # fmt: skip
"""Account, time and the (kind, key) that each of its posts leaves."""


def rows_of(posts: list[tuple[int, int, list[tuple[int, int]]]]) -> list[Row]:
    """One row a trace; a post is one event and so has one account and one time."""
    return [
        (account, kind, key, seconds, event)
        for event, (account, seconds, left) in enumerate(posts)
        for kind, key in left
    ]
