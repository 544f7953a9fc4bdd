"""What every event log must do, run on SQLite with Parquet and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crossfix.errors import ColumnError, SettingError, StoreError
from crossfix.events import SCHEMA, Event, from_batch, to_batch
from crossfix.store.log import EventLog, open_log
from crossfix.store.log.event_log import Mark

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/events.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def log(url: str) -> Iterator[EventLog]:
    with open_log(url, seal_rows=10) as opened:
        yield opened


def event(n: int, *, seconds: float = 0, service: str = "x", text: str | None = "hello") -> Event:
    time = START + timedelta(seconds=seconds)
    return Event(
        id=f"{n:032x}", time=time, received=time, service=service, surface="social",
        account=f"{service}:{n % 3}", action="post", text=text,
    )  # fmt: skip


def ids(log: EventLog, **wanted: object) -> list[int]:
    batches = log.read(**wanted)  # type: ignore[arg-type]
    return [int(i, 16) for b in batches for i in b["id"].to_pylist()]


def test_what_was_appended_is_read_back_exactly(log: EventLog) -> None:
    rich = Event(
        id="f" * 32, time=START + timedelta(microseconds=1), received=START, service="mail",
        surface="email", account="mail:á", action="send", conversation="c", language="ja",
        text='zero\x01 "quoted" \\u0000 \U0001f600 \u202e', urls=("https://e.org/?a=%00", ""),
        hashtags=("один",), mentions=("x:b",), media=("00ff",), target="t", parent="p",
        attributes={"ip": "192.0.2.1", 'o"dd': "\\ \x00", "": ""},
    )  # fmt: skip
    assert log.append(to_batch([rich])) == 1
    (batch,) = log.read()
    assert batch.schema == SCHEMA
    assert list(from_batch(batch)) == [rich]


def test_the_log_says_which_events_it_knows_live_and_sealed(log: EventLog) -> None:
    log.append_events([event(n) for n in range(4)])
    log.append(to_batch([event(n) for n in range(4, 40)]))
    asked = [f"{n:032x}" for n in (1, 20, 99)]
    assert log.known(asked) == set(asked[:2])
    assert log.known([]) == set()


def test_the_same_events_twice_change_nothing(log: EventLog) -> None:
    small, large = [event(n) for n in range(4)], [event(n) for n in range(4, 40)]
    assert log.append(to_batch(small)) == 4
    assert log.append(to_batch(large)) == 36
    assert log.append(to_batch(small + large)) == 0
    assert log.append(to_batch([event(3), event(40), event(40, text="other")])) == 1
    assert log.count() == 41
    texts = {b["text"][i].as_py() for b in log.read() for i in range(b.num_rows)}
    assert texts == {"hello"}


def test_a_few_events_at_a_time_are_kept_as_a_table_of_them_is(log: EventLog) -> None:
    rich = Event(
        id="f" * 32, time=START + timedelta(microseconds=1), received=START, service="app",
        surface="ai", account="app:á", action="prompt", conversation="c", language="ja",
        text='"quoted" \\u0000 \U0001f600 \u202e', urls=("https://e.org/?a=%00", ""),
        attributes={"ip": "192.0.2.1", 'o"dd': "\\"},
    )  # fmt: skip
    assert log.append_events([rich]) == 1
    assert list(from_batch(next(iter(log.read())))) == [rich]
    for start in range(0, 60, 7):
        assert log.append_events([event(n) for n in range(start, start + 7)]) == 7
    assert log.append_events([event(n) for n in range(60)]) == 0
    assert log.append_events([event(70), event(70, text="other"), event(3)]) == 1
    assert log.append(to_batch([event(70), event(71)])) == 1
    assert log.append_events([]) == 0
    assert sorted(ids(log)) == sorted([*range(63), 70, 71, 16**32 - 1])
    assert log.count() == 66


def test_events_come_in_the_order_of_time_whatever_the_order_they_came_in(log: EventLog) -> None:
    order = [(n * 37) % 101 for n in range(101)]
    for start in range(0, 101, 7):
        log.append(to_batch([event(n, seconds=n // 5) for n in order[start : start + 7]]))
    log.append(to_batch([event(n, seconds=n - 150) for n in range(101, 130)]))
    assert ids(log, batch_rows=8) == [*range(101, 130), *range(101)]
    assert [b.num_rows for b in log.read(batch_rows=50)] == [50, 50, 30]


def test_bounds_services_and_columns_narrow_what_is_read(log: EventLog) -> None:
    log.append(to_batch([event(n, seconds=n, service="xyz"[n % 3]) for n in range(30)]))
    log.append(to_batch([event(n, seconds=n, service="xyz"[n % 3]) for n in range(30, 35)]))
    since, until = START + timedelta(seconds=5), START + timedelta(seconds=32)
    assert ids(log, since=since, until=until) == list(range(5, 32))
    assert ids(log, services=["x", "z"], since=since, until=until) == [
        n for n in range(5, 32) if n % 3 != 1
    ]
    assert ids(log, services=["nobody"]) == []
    assert ids(log, services=[]) == []
    (batch,) = log.read(columns=["account", "id"], until=START + timedelta(seconds=2))
    assert batch.schema.names == ["account", "id"]
    assert batch["account"].to_pylist() == ["x:0", "y:1"]


def test_an_empty_log_and_an_empty_batch_are_nothing(log: EventLog) -> None:
    assert list(log.read()) == []
    assert (log.append(to_batch([])), log.count(), log.seal()) == (0, 0, 0)


def test_reading_sees_the_moment_it_began(log: EventLog) -> None:
    log.append(to_batch([event(n) for n in range(15)]))
    reading = log.read(batch_rows=5)
    first = next(reading)
    log.append(to_batch([event(n) for n in range(15, 40)]))
    log.seal()
    rest = sum(b.num_rows for b in reading)
    assert first.num_rows + rest == 15


def test_a_closed_and_opened_log_has_everything(log: EventLog, url: str) -> None:
    log.append(to_batch([event(n) for n in range(25)]))
    log.append(to_batch([event(n) for n in range(25, 30)]))
    with open_log(url, seal_rows=10) as again:
        assert ids(again) == list(range(30))
        again.append(to_batch([event(30)]))
    assert ids(log) == list(range(31))


def test_wrong_columns_are_refused(log: EventLog) -> None:
    with pytest.raises(ColumnError, match="lack the columns id"):
        log.append(pa.table({"time": [1]}))
    wrong = to_batch([event(1)]).to_pydict() | {"time": ["yesterday"]}
    with pytest.raises(ColumnError, match="wrong type"):
        log.append(pa.table({k: v for k, v in wrong.items() if k != "attributes"}).append_column(
            "attributes", pa.array([[]], SCHEMA.field("attributes").type)))  # fmt: skip
    assert log.count() == 0


def test_a_url_of_no_known_kind_is_refused() -> None:
    with pytest.raises(SettingError):
        open_log("mysql://x")


def test_a_database_that_is_not_there_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database " * 99)
    with pytest.raises(StoreError):
        open_log(f"sqlite:///{tmp_path}/file/events.sqlite")
    with pytest.raises(StoreError):
        open_log(f"sqlite:///{tmp_path}/file")
    with pytest.raises(StoreError, match="PostgreSQL refused"):
        open_log(f"postgresql:///none?host={tmp_path}")


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6)), max_size=25), max_size=8
    ),
    window=st.tuples(st.integers(-1, 8), st.integers(-1, 8)),
    rows=st.integers(1, 30),
)
def test_a_log_does_what_a_dict_does(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[tuple[int, int]]],
    window: tuple[int, int],
    rows: int,
) -> None:
    path = tmp_path_factory.mktemp("log") / "events.sqlite"
    slow: dict[int, int] = {}
    with open_log(f"sqlite:///{path}", seal_rows=10) as log:
        for batch in batches:
            before = len(slow)
            for n, second in batch:
                slow.setdefault(n, second)
            made = log.append(to_batch([event(n, seconds=s) for n, s in batch]))
            assert made == len(slow) - before
        low, high = (START + timedelta(seconds=s) for s in window)
        got = ids(log, since=low, until=high, batch_rows=rows)
    wanted = [(s, n) for n, s in slow.items() if window[0] <= s < window[1]]
    assert got == [n for _, n in sorted(wanted)]


def test_texts_are_forgotten_by_age_and_by_account_live_and_sealed(log: EventLog) -> None:
    log.append(to_batch([event(n, seconds=n) for n in range(12)]))  # sealed where there is sealing
    log.append_events([event(n, seconds=n) for n in range(12, 16)])
    assert log.forget_texts(before=START + timedelta(seconds=3)) == 3
    assert log.forget_texts(before=START + timedelta(seconds=3)) == 0
    assert log.forget_texts(account="x:0") == 5  # 3, 6, 9, 12, 15
    assert log.forget_texts(before=START + timedelta(seconds=14), account="x:1") == 4  # 4 ... 13
    rows = [row for batch in log.read() for row in batch.to_pylist()]
    left = [int(row["id"], 16) for row in rows if row["text"] is not None]
    assert left == [5, 8, 11, 14]
    assert len(rows) == log.count() == 16
    assert log.append_events([event(3)]) == 0, "it is still known"


def _arrived(log: EventLog, mark: Mark | None, **given: object) -> tuple[list[int], Mark]:
    batches, after = log.arrived(mark, **given)  # type: ignore[arg-type]
    return sorted(int(i, 16) for b in batches for i in b["id"].to_pylist()), after


def test_what_arrived_since_a_mark_is_told_once_where_ids_are_known(log: EventLog) -> None:
    known: set[str] = set()

    def wanted(ids: pa.Array) -> NDArray[np.bool_]:
        return np.array([id not in known for id in ids.to_pylist()], np.bool_)

    log.append_events([event(n, seconds=n) for n in range(7)])
    found, mark = _arrived(log, None)
    assert found == list(range(7))
    for first in range(7, 60, 5):
        known |= {f"{n:032x}" for n in found}
        log.append_events([event(n, seconds=n) for n in range(first, first + 5)])
        if first % 3 == 0:
            log.seal()
        found, mark = _arrived(log, mark, wanted=wanted)
        assert found == list(range(first, first + 5))


def test_only_what_was_received_of_late_or_the_latest_is_read_at_first(log: EventLog) -> None:
    for first in range(0, 40, 4):
        log.append_events([event(n, seconds=n) for n in range(first, first + 4)])
    found, _ = _arrived(log, None, received=START + timedelta(seconds=25))
    assert found == list(range(25, 40))
    found, _ = _arrived(log, None, most=5)
    assert found[-5:] == list(range(35, 40))
    assert len(found) < 20


def test_a_clock_that_was_ahead_hides_nothing_that_comes_when_it_is_right_again(
    log: EventLog,
) -> None:
    log.append_events([event(1, seconds=1)])
    _, mark = _arrived(log, None)
    log.append_events([event(2, seconds=4e9)])
    found, mark = _arrived(log, mark)
    assert 2 in found
    seconds = (datetime.now(UTC) - START).total_seconds()
    log.append_events([event(3, seconds=seconds)])
    found, _ = _arrived(log, mark)
    assert 3 in found
