"""Metrics: what Prometheus' own parser reads of them, and what adversaries can do to them."""

from __future__ import annotations

import timeit

from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from crossfix.guard.metrics import METRICS, MOST_MODELS, MOST_SERIES, Metrics


def parsed(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(metrics.text())
        for sample in family.samples
    }


def test_every_metric_is_told_with_its_kind_and_meaning() -> None:
    families = {f.name: f for f in text_string_to_metric_families(Metrics().text())}
    for name, described in METRICS.items():
        family = families[name.removesuffix("_total")]
        assert (family.type, family.documentation) == (described.kind, described.meaning)


def test_calls_are_counted_timed_and_their_tokens_summed() -> None:
    metrics = Metrics()
    metrics.call("chat", "allow", "gpt-4o", 0.02, 10, 5)
    metrics.call("chat", "allow", "gpt-4o", 0.3, 1, 0)
    metrics.call("chat", "block", "gpt-4o", 0.001, 0, 0)
    metrics.call("messages", "allow", "claude", 1000, 3, 4)
    found = parsed(metrics)
    calls = ("answer", "allow"), ("model", "gpt-4o"), ("wire", "chat")
    assert found["crossfix_calls_total", calls] == 2
    assert found["crossfix_tokens_total", (("direction", "in"), ("model", "gpt-4o"))] == 11
    assert found["crossfix_tokens_total", (("direction", "out"), ("model", "claude"))] == 4
    at = {le: found["crossfix_call_seconds_bucket", (("le", le), ("wire", "chat"))]
          for le in ("0.001", "0.01", "0.025", "+Inf")}  # fmt: skip
    assert at == {"0.001": 1, "0.01": 1, "0.025": 2, "+Inf": 3}
    assert found["crossfix_call_seconds_bucket", (("le", "300"), ("wire", "messages"))] == 0
    assert found["crossfix_call_seconds_count", (("wire", "messages"),)] == 1
    assert abs(found["crossfix_call_seconds_sum", (("wire", "chat"),)] - 0.321) < 1e-9


def test_names_that_clients_make_up_make_no_series() -> None:
    metrics = Metrics()
    for n in range(5_000):
        metrics.call("chat", "block", f"made-up-{n}", 0.01, 0, 0)
    for n in range(MOST_MODELS + 100):
        metrics.call("chat", "allow", f"real-{n}", 0.01, 1, 0)
    models = {
        dict(labels)["model"] for name, labels in parsed(metrics) if name.endswith("calls_total")
    }
    assert len(models) == MOST_MODELS + 1
    assert not any(m.startswith("made-up") for m in models)
    for n in range(MOST_SERIES + 500):
        metrics.count("crossfix_policy_hits_total", f"p{n}", "live")
    found = [v for (name, _), v in parsed(metrics).items() if name == "crossfix_policy_hits_total"]
    assert len(found) == MOST_SERIES + 1
    assert sum(found) == MOST_SERIES + 500


@settings(deadline=None)
@given(st.text(), st.text())
def test_no_label_can_break_out_of_its_line(policy: str, status: str) -> None:
    metrics = Metrics()
    metrics.count("crossfix_policy_hits_total", policy, status)
    hits = [labels for name, labels in parsed(metrics) if name == "crossfix_policy_hits_total"]
    assert len(hits) == 1


def test_a_number_is_asked_for_when_the_metrics_are() -> None:
    metrics, open_calls = Metrics(), 3
    metrics.watch("crossfix_open_calls", lambda: open_calls)
    metrics.watch("crossfix_events_waiting", lambda: {("recorded",): 2.5})
    found = parsed(metrics)
    assert found["crossfix_open_calls", ()] == 3
    assert found["crossfix_events_waiting", (("what", "recorded"),)] == 2.5


def test_counting_a_call_costs_about_a_microsecond() -> None:
    metrics = Metrics()
    metrics.call("chat", "allow", "gpt-4o", 0.02, 10, 5)
    spent = min(
        timeit.repeat(
            lambda: metrics.call("chat", "allow", "gpt-4o", 0.02, 10, 5), number=2_000, repeat=20
        )
    )
    # The aim is 1 µs; the machine of a test may be busy.
    assert spent / 2_000 < 3e-6
