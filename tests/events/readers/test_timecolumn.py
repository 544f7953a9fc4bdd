from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events.readers.batches import BAD_TIME, FUTURE_TIME, NO_TIME, OLD_TIME
from crossfix.events.readers.tally import Tally
from crossfix.events.readers.timecolumn import TimeColumn
from crossfix.events.readers.times import parse_time

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PLAUSIBLE = st.datetimes(datetime(1990, 1, 2), datetime(2029, 12, 30), timezones=st.just(UTC))


def read(values, kind=None):
    tally = Tally("x")
    times, refused = TimeColumn(NOW, tally).read(pa.array(values, kind))
    return times.to_pylist(), {r: list(m.nonzero()[0]) for r, m in refused.items()}, tally


FORMS = [
    lambda t: t.strftime("%Y-%m-%d %H:%M:%S"),
    lambda t: t.strftime("%Y-%m-%d %H:%M"),
    lambda t: t.isoformat(),
    lambda t: t.strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda t: t.astimezone(tz=__import__("datetime").timezone(timedelta(hours=-3.5))).isoformat(),
    lambda t: t.strftime("%Y-%m-%d"),
    lambda t: t.strftime("%a %b %d %H:%M:%S +0000 %Y"),
    lambda t: t.strftime("%a %b %d %H:%M:%S -0330 %Y"),
    lambda t: t.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    lambda t: t.strftime("%d.%m.%Y %H:%M"),
    lambda t: t.strftime("%m/%d/%Y %H:%M"),
    lambda t: t.strftime("%B %d, %Y at %I:%M %p"),
    lambda t: t.strftime("%Y%m%d%H%M%S"),
    lambda t: str(int(t.timestamp())),
    lambda t: str(int(t.timestamp() * 1000)),
]


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=30)
@given(times=st.lists(PLAUSIBLE, min_size=1, max_size=20))
def test_a_uniform_column_reads_as_its_values_read_alone(form, times):
    said = [form(t) for t in times]
    got, _, _ = read([*said, None])
    alone = [parse_time(s, month_first=True) for s in said]
    inside = [t if t and datetime(1990, 1, 1, tzinfo=UTC) <= t <= NOW else None for t in alone]
    assert got == [*inside, None]


ANYTHING = st.one_of(
    st.text(max_size=30), PLAUSIBLE.map(FORMS[0]), PLAUSIBLE.map(FORMS[6]), st.integers().map(str)
)


@settings(deadline=None, max_examples=100)
@given(values=st.lists(ANYTHING, max_size=10))
def test_a_mixed_column_reads_as_its_values_read_alone(values):
    values = [v.encode("utf-8", "replace").decode() for v in values]
    got, _, _ = read(values, pa.string())
    for value, time in zip(values, got, strict=True):
        if time is not None:
            assert time == parse_time(value, month_first=True)


@settings(deadline=None)
@given(values=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_read_as_they_read_alone(values):
    got, _, _ = read(values, pa.int64())
    for value, time in zip(values, got, strict=True):
        alone = parse_time(value)
        plausible = alone and datetime(1990, 1, 1, tzinfo=UTC) <= alone <= NOW + timedelta(days=1)
        assert time == (alone if plausible else None)


@settings(deadline=None)
@given(values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1))
def test_fractional_numbers_read_as_they_read_alone(values):
    got, _, _ = read(values, pa.float64())
    for value, time in zip(values, got, strict=True):
        alone = parse_time(value)
        plausible = alone and datetime(1990, 1, 1, tzinfo=UTC) <= alone <= NOW + timedelta(days=1)
        assert time == (alone if plausible else None)


def test_each_refused_time_has_its_reason():
    values = ["2021-08-15", None, "", "soon", "1970-01-01", "2030-01-05", "2030-01-01 12:00"]
    got, refused, _ = read(values)
    assert [t is not None for t in got] == [True, False, False, False, False, False, True]
    assert refused == {NO_TIME: [1, 2], BAD_TIME: [3], OLD_TIME: [4], FUTURE_TIME: [5]}


def test_a_day_that_is_none_is_refused_alone():
    got, refused, _ = read(["2021-02-28 10:00:00", "2021-02-30 10:00:00"])
    assert got[0] == datetime(2021, 2, 28, 10, tzinfo=UTC)
    assert refused == {BAD_TIME: [1]}


def test_a_twitter_day_that_is_none_is_refused_alone():
    got, refused, _ = read(["Wed Feb 28 10:00:00 +0000 2018", "Wed Feb 30 10:00:00 +0000 2018"])
    assert got[0] == datetime(2018, 2, 28, 10, tzinfo=UTC)
    assert refused == {BAD_TIME: [1]}


def test_one_clear_date_decides_the_order_of_the_file():
    got, _, tally = read(["8/9/2021", "25/9/2021"])
    assert got[0] == datetime(2021, 9, 8, tzinfo=UTC)
    assert "day/month" in tally.notes[0]


def test_an_undecidable_order_is_said():
    got, _, tally = read(["8/9/2021", "7/9/2021"])
    assert got[0] == datetime(2021, 8, 9, tzinfo=UTC)
    assert "month/day" in tally.notes[0]


def test_the_order_holds_for_later_batches():
    tally = Tally("x")
    times = TimeColumn(NOW, tally)
    times.read(pa.array(["25/9/2021"]))
    got, _ = times.read(pa.array(["8/9/2021"]))
    assert got.to_pylist() == [datetime(2021, 9, 8, tzinfo=UTC)]


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.timestamp("s", tz="Asia/Tokyo"),
                                  pa.timestamp("ms", tz="UTC")])  # fmt: skip
def test_timestamps_of_each_unit_and_zone_become_utc(kind):
    when = datetime(2021, 8, 15, 22, 1, 32, tzinfo=UTC)
    got, _, _ = read([when], kind)
    assert got == [when]
