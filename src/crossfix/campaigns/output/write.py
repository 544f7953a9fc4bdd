"""All files of one hunt, written together."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from crossfix.campaigns.output.accounts import write_accounts
from crossfix.campaigns.output.gexf import write_gexf
from crossfix.campaigns.output.lines import write_campaigns
from crossfix.campaigns.output.parquet import LINK_COLUMNS, write_table
from crossfix.campaigns.output.report.page import render
from crossfix.campaigns.output.staging import staged
from crossfix.campaigns.result import HuntResult

FILES = (
    "accounts.csv", "campaigns.jsonl", "links.parquet", "evidence.parquet", "graph.gexf",
    "report.html",
)  # fmt: skip


def write_outputs(
    result: HuntResult, links: pa.Table, evidence: pa.Table, directory: Path
) -> tuple[Path, ...]:
    """Write what a hunt found into a folder and return the paths of `FILES` in it.

    Equal input gives equal bytes. A crash leaves each file as it was or as it is to be, and other
    files of the folder alone. ``links`` has the columns of `LINK_COLUMNS`; ``evidence`` is written
    as it is.
    """
    with staged(directory) as stage:
        write_accounts(stage / "accounts.csv", result.accounts)
        write_campaigns(stage / "campaigns.jsonl", result.campaigns)
        write_table(stage / "links.parquet", links, LINK_COLUMNS)
        write_table(stage / "evidence.parquet", evidence)
        write_gexf(stage / "graph.gexf", result)
        (stage / "report.html").write_bytes(render(result).encode("utf-8"))
    return tuple(directory / name for name in FILES)
