from datetime import UTC, datetime

import pytest

from crossfix.events.readers.times import parse_time

WHOLE = datetime(2021, 8, 15, 22, 1, 32, tzinfo=UTC)

FORMS = [
    ("2021-08-15 22:01:32", WHOLE),
    ("2021-08-15T22:01:32Z", WHOLE),
    ("2021-08-15T22:01:32.000Z", WHOLE),
    ("2021-08-16T00:01:32+02:00", WHOLE),
    ("2021-08-15 22:01:32 UTC", WHOLE),
    ("2021-08-15 22:01:32+00", WHOLE),
    ("2021/08/15 22:01:32", WHOLE),
    ("20210815T220132Z", WHOLE),
    ("20210815220132", WHOLE),
    ("Sun Aug 15 22:01:32 +0000 2021", WHOLE),
    ("Sun Aug 15 22:01:32 2021", WHOLE),
    ("Sun, 15 Aug 2021 22:01:32 +0000", WHOLE),
    ("Mon, 16 Aug 2021 00:01:32 +0200 (CEST)", WHOLE),
    ("15/Aug/2021:22:01:32 +0000", WHOLE),
    ("August 15, 2021 at 10:01:32 PM", WHOLE),
    ("15.08.2021 22:01:32", WHOLE),
    ("8/15/2021 22:01:32", WHOLE),
    ("15/8/2021 22:01:32", WHOLE),
    ("8/15/2021 10:01:32 PM", WHOLE),
    ("1629064892", WHOLE),
    ("1629064892000", WHOLE),
    ("1629064892000000", WHOLE),
    ("1629064892000000000", WHOLE),
    ("1629064892.0", WHOLE),
    ("2021-08-15 22:01", WHOLE.replace(second=0)),
    ("10:01 PM · Aug 15, 2021", WHOLE.replace(second=0)),
    ("2021-08-15", datetime(2021, 8, 15, tzinfo=UTC)),
    ("20210815", datetime(2021, 8, 15, tzinfo=UTC)),
    ("Aug 15, 2021", datetime(2021, 8, 15, tzinfo=UTC)),
    ("15 August 2021", datetime(2021, 8, 15, tzinfo=UTC)),
]


@pytest.mark.parametrize(("said", "meant"), FORMS)
def test_a_time_is_read_in_each_written_form(said, meant):
    assert parse_time(said) == meant


@pytest.mark.parametrize("value", [1629064892, 1629064892.0, 1629064892000, 1629064892 * 10**9])
def test_a_time_is_read_from_numbers_of_each_unit(value):
    assert parse_time(value) == WHOLE


@pytest.mark.parametrize(
    "said",
    ["", "yesterday", "2021-13-01", "2021-02-30", "25:00", "12:61 PM · Aug 15, 2021", "nan",
     "inf", "1e400", "2021-08-15 22:01:32 +99:99:99", "9" * 400, "8/9/2021", "13:00 PM", "\x00"],
)  # fmt: skip
def test_what_is_no_time_is_not_guessed(said):
    assert parse_time(said) is None


def test_an_ambiguous_date_is_read_as_the_file_says():
    assert parse_time("8/9/2021", month_first=True) == datetime(2021, 8, 9, tzinfo=UTC)
    assert parse_time("8/9/2021", month_first=False) == datetime(2021, 9, 8, tzinfo=UTC)


def test_both_orders_of_one_day_are_the_same_date():
    assert parse_time("8/8/2021") == datetime(2021, 8, 8, tzinfo=UTC)


def test_parts_of_a_second_are_kept_to_the_microsecond():
    assert parse_time("2021-08-15T22:01:32.1234567Z") == WHOLE.replace(microsecond=123456)
