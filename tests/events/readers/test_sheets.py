"""Workbooks as people make them: several sheets, notes above the header."""

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from crossfix.events import from_batch
from crossfix.events.readers import ReadOptions, Source, read_files

HEADER = ["post_id", "account", "created_at", "text"]
ROW = [9007199254740991, "anna", datetime(2025, 3, 14, 14, 5, 22), "The ferry is late"]


def read(*sheets: list[list[object]]) -> tuple[list[str], list[str]]:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    source = Source.of_bytes("posts.xlsx", made.getvalue())
    reading = read_files([source], ReadOptions(now=datetime(2026, 1, 1, tzinfo=UTC)))
    found = [f"{e.account} {e.time:%H:%M:%S}" for batch in reading for e in from_batch(batch)]
    return found, reading.tallies[0].notes


@pytest.mark.parametrize(
    "sheets",
    [
        [[HEADER, ROW]],
        [[], [HEADER, ROW], []],
        [[["An export, made by hand"], ["two lines"]], [HEADER, ROW]],
        [[["Posts of March"], [], HEADER, ROW]],
        [[["post", "x", "reply"], [1, 2, 3]], [["Title"], HEADER, ROW], [HEADER, ROW, ROW]],
    ],
    ids=["one", "empty ones", "notes first", "a title", "title and others"],
)
def test_the_sheet_with_accounts_and_times_is_read(sheets: list[list[list[object]]]) -> None:
    found, notes = read(*sheets)
    assert found == ["unknown:anna 14:05:22"]
    if len(sheets) > 1:
        assert any("was read" in note for note in notes)
