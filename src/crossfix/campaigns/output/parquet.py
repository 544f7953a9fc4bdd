"""``links.parquet`` and ``evidence.parquet``: tables for the next tool."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

LINK_COLUMNS = (
    "account_a", "account_b", "kind", "window", "shared_keys", "expected", "llr", "q_value",
)  # fmt: skip
_ROWS = 131_072


def write_table(path: Path, table: pa.Table, columns: tuple[str, ...] = ()) -> None:
    """Write a table so that equal tables give equal bytes, however they are cut into chunks.

    ``columns`` names the columns to write and their order; all of them if empty.
    """
    chosen = table.select(list(columns)) if columns else table
    chosen = chosen.combine_chunks().replace_schema_metadata(None)
    pq.write_table(chosen, path, compression="zstd", row_group_size=_ROWS, store_schema=False)
