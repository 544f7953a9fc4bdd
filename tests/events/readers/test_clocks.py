"""Days and times of the day in columns of their own."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossfix.events import from_batch
from crossfix.events.readers import ReadOptions, read_files

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def times(path: Path) -> tuple[list[str], list[str]]:
    reading = read_files([path], ReadOptions(now=NOW))
    found = [event.time for batch in reading for event in from_batch(batch)]
    return [f"{t:%Y-%m-%d %H:%M:%S}" for t in found], reading.tallies[0].notes


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        ("2025-03-14", "14:05:22"), ("14.03.2025", "14:05:22"), ("14/03/2025", "2:05:22 PM"),
        ("14 March 2025", "14:05:22"), ("March 14, 2025", "02:05:22 pm"),
        ("20250314", None),  # no day by its form: the column of clocks is left aside
    ],
)  # fmt: skip
@pytest.mark.parametrize(("first", "second"), [("date", "time"), ("Post Date", "Post Time")])
def test_the_time_of_the_day_is_joined_to_its_day(
    day: str, clock: str | None, first: str, second: str, tmp_path: Path
) -> None:
    path = tmp_path / "posts.csv"
    said = clock or "14:05:22"
    path.write_text(f'account,{first},{second}\na,"{day}",{said}\nb,"{day}",\n', encoding="utf-8")
    found, notes = times(path)
    if clock is None:
        assert found == ["2025-03-14 00:00:00"] * 2
    else:
        assert found == ["2025-03-14 14:05:22", "2025-03-14 00:00:00"]
        assert any(repr(second) in note and repr(first) in note for note in notes)


def test_columns_of_days_and_clocks_with_types_are_joined(tmp_path: Path) -> None:
    table = pa.table({"account": ["a"], "date": pa.array([date(2025, 3, 14)]),
                      "time": pa.array([time(14, 5, 22)])})  # fmt: skip
    pq.write_table(table, tmp_path / "posts.parquet")
    assert times(tmp_path / "posts.parquet")[0] == ["2025-03-14 14:05:22"]


@pytest.mark.parametrize("whole", ["2025-03-14T14:05:22Z", "1741961122"])
def test_a_whole_time_beside_a_clock_is_taken(whole: str, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(f"account,time,date\na,09:00,{whole}\n", encoding="utf-8")
    assert times(path)[0] == ["2025-03-14 14:05:22"]


def test_a_whole_time_is_not_joined_to_a_clock(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("account,created_at,time\na,2025-03-14 14:05:22,09:00\n", encoding="utf-8")
    assert times(path)[0] == ["2025-03-14 14:05:22"]
