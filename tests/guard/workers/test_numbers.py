"""The metrics of several processes are those that one would have had."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.guard.metrics import Metrics, Snapshot

counted = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["call", "count", "time"]),
        st.sampled_from(["a", "b"]), st.sampled_from([0.001, 0.3, 7.0, 900.0]),
    )
)  # fmt: skip


def take(metrics: Metrics, kind: str, name: str, value: float) -> None:
    if kind == "call":
        metrics.call("chat", name, "model", value, 3, int(value))
    elif kind == "count":
        metrics.count("crossfix_reasons_total", name, by=int(value) + 1)
    else:
        metrics.time("crossfix_upstream_seconds", value, name)


def moved(metrics: Metrics) -> Snapshot:
    data = msgspec.msgpack.encode(metrics.snapshot())
    return msgspec.msgpack.decode(data, type=Snapshot)


def lines(metrics: Metrics) -> list[tuple[str, float]]:
    # Sums of floats depend on the order of what is added.
    return [
        (name, round(float(value), 6))
        for name, _, value in (
            line.rpartition(" ") for line in metrics.text().splitlines() if line[:1] != "#"
        )
    ]


@settings(deadline=None)
@given(happened=counted)
def test_numbers_of_processes_add_up(happened: list[tuple[int, str, str, float]]) -> None:
    alone, parts = Metrics(), [Metrics() for _ in range(3)]
    for at, kind, name, value in happened:
        take(alone, kind, name, value)
        take(parts[at], kind, name, value)
    together = Metrics()
    for part in parts:
        together.add(moved(part))
    assert lines(together) == lines(alone)


@settings(deadline=None)
@given(happened=counted)
def test_a_process_that_is_started_again_goes_on(
    happened: list[tuple[int, str, str, float]],
) -> None:
    alone, now = Metrics(), Metrics()
    for number, (_, kind, name, value) in enumerate(happened):
        take(alone, kind, name, value)
        take(now, kind, name, value)
        if number % 3 == 0:
            again = Metrics()
            again.take_over(moved(now))
            now = again
    assert lines(now) == lines(alone)


def test_what_is_watched_is_summed_or_the_worst_and_only_counters_are_taken_over() -> None:
    def process(calls: int, lost: int, degraded: int, began: float) -> Metrics:
        metrics = Metrics()
        found: dict[str, Any] = {
            "crossfix_open_calls": calls, "crossfix_events_lost_total": lost,
            "crossfix_record_degraded": degraded, "crossfix_start_time_seconds": began,
            "crossfix_events_waiting": {("recorded",): calls, ("ingested",): 1},
        }  # fmt: skip
        for name, value in found.items():
            metrics.watch(name, lambda value=value: value)
        return metrics

    one, other = process(2, 5, 0, 100.0), process(3, 1, 1, 50.0)
    together = Metrics()
    together.add(moved(one))
    together.add(moved(other))
    found = dict(lines(together))
    assert found["crossfix_open_calls"] == 5
    assert found["crossfix_events_lost_total"] == 6
    assert found["crossfix_record_degraded"] == 1
    assert found["crossfix_start_time_seconds"] == 50
    assert found['crossfix_events_waiting{what="recorded"}'] == 5
    again = process(1, 2, 0, 200.0)
    again.take_over(moved(one))
    found = dict(lines(again))
    assert found["crossfix_open_calls"] == 1
    assert found["crossfix_events_lost_total"] == 7
    assert found["crossfix_start_time_seconds"] == 200
