"""``accounts.csv``: every account of the input, best first."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from crossfix.campaigns.result import AccountScore

COLUMNS = (
    "account", "campaign", "score", "coordination", "inauthenticity", "links", "display_name",
    "url",
)  # fmt: skip

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str | None) -> str:
    """Return text as a spreadsheet may hold it.

    A spreadsheet runs a cell that starts with one of ``= + - @``, a tab or a carriage return;
    such text gets an apostrophe in front. NULs, which end a cell in many readers, become U+FFFD,
    and so do surrogates, which no UTF-8 file can hold.
    """
    if not text:
        return ""
    text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def write_accounts(path: Path, accounts: Iterable[AccountScore]) -> None:
    """Write one row an account, in the order given, as UTF-8 with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        for a in accounts:
            scores = (f"{a.score:.6g}", f"{a.coordination:.6g}", f"{a.inauthenticity:.6g}")
            told = (cell(a.display_name), cell(a.url))
            out.writerow((cell(a.account), a.campaign or "", *scores, a.links, *told))
