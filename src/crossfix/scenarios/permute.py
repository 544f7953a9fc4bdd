"""The data set without anything coordinated in it: accounts shuffled, all else kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.errors import ColumnError

HOUR_MICROSECONDS = 3_600_000_000
_TIMES = ("timestamp", "time", "created_at")
_TRAVELS = ("platform", "service")


def permute_accounts(
    traces_like: pa.Table, *, by: Sequence[str] = ("kind", "hour"), seed: int
) -> pa.Table:
    """Shuffle accounts among the rows of one kind and hour.

    Keys, times, kinds and the activity of each account in each hour stay; who shared what with
    whom is left to chance. ``hour`` means the hour since 1970 of the column `timestamp`, `time`
    (int64 microseconds or a timestamp) or `created_at`, ``hour of day`` that of its day; other
    names in ``by`` are columns, and a table without a column `kind` is of one kind. A column
    `platform` or `service` moves with its account. Where rows have a `post`, it is renamed row by
    row, for its rows no longer have one author.

    Raises:
        ColumnError: the table has no account or no time.
    """
    if "account" not in traces_like.column_names:
        raise ColumnError("the table to permute has no column 'account'")
    source = _shuffle(_groups(traces_like, by), np.random.default_rng(seed))
    permuted = traces_like
    for name in ("account", *(n for n in _TRAVELS if n in traces_like.column_names)):
        at = permuted.column_names.index(name)
        permuted = permuted.set_column(at, permuted.field(at), traces_like[name].take(source))
    if "post" in permuted.column_names:
        at = permuted.column_names.index("post")
        number = pc.cast(pa.array(np.arange(permuted.num_rows)), pa.large_string())
        dot = pa.scalar(".", pa.large_string())
        post = pc.cast(traces_like["post"], pa.large_string())
        post = pc.binary_join_element_wise(post, number, dot)
        permuted = permuted.set_column(
            at, permuted.field(at), pc.cast(post, permuted.field(at).type)
        )
    return permuted


def _shuffle(group: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return for each row the row of its group that it takes its account from."""
    home = np.argsort(group, kind="stable")
    shuffled = np.lexsort((rng.random(len(group)), group))
    source = np.empty(len(group), np.int64)
    source[home] = shuffled
    return source


def _groups(table: pa.Table, by: Sequence[str]) -> NDArray[np.int64]:
    """Number the groups that accounts are shuffled within."""
    group = np.zeros(table.num_rows, np.int64)
    for name in by:
        if name == "hour":
            values = _hours(table)
        elif name == "hour of day":
            values = _hours(table) % 24
        elif name in table.column_names:
            codes = table[name].combine_chunks().dictionary_encode()
            values = codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        elif name == "kind":
            continue
        else:
            raise ColumnError(f"the table to permute has no column {name!r}")
        _, dense = np.unique(values, return_inverse=True)
        group = group * (int(dense.max(initial=0)) + 1) + dense
        _, group = np.unique(group, return_inverse=True)
    return group


def _hours(table: pa.Table) -> NDArray[np.int64]:
    for name in _TIMES:
        if name in table.column_names:
            return microseconds(table[name]) // HOUR_MICROSECONDS
    raise ColumnError(f"the table to permute has no time: one of {', '.join(_TIMES)}")


def microseconds(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return a column of times as int64 microseconds since 1970 UTC."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    whole: NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
    return whole
