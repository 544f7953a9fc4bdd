"""Numbers about the guard, kept cheaply and told in Prometheus' text format."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

import msgspec

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""Upper bounds of the histograms of seconds."""

MOST_MODELS = 64
"""Models that are told apart; the others are ``other``."""

MOST_SERIES = 1_000
"""Series of one metric; what would be a further one is counted under ``other``."""

OTHER = "other"

Kind = Literal["counter", "gauge", "histogram"]


class Described(msgspec.Struct, frozen=True):
    """A metric: its kind, labels and meaning."""

    kind: Kind
    labels: tuple[str, ...]
    meaning: str


METRICS: dict[str, Described] = {
    "crossfix_calls_total": Described(
        "counter", ("wire", "answer", "model"),
        "calls of models by format, the guard's answer and model"),
    "crossfix_call_seconds": Described(
        "histogram", ("wire",), "seconds from a call's first byte to its end"),
    "crossfix_tokens_total": Described(
        "counter", ("model", "direction"), "tokens that upstreams counted, in and out"),
    "crossfix_reasons_total": Described(
        "counter", ("code",), "reasons of decisions other than a plain allow"),
    "crossfix_degraded_total": Described(
        "counter", ("check",), "decisions that a check was missing from"),
    "crossfix_policy_hits_total": Described(
        "counter", ("policy", "status"), "events that a policy held for, live and in shadow"),
    "crossfix_provider_refusals_total": Described(
        "counter", ("model",), "calls that a provider or its model refused"),
    "crossfix_clients_left_total": Described(
        "counter", (), "calls whose client left before the end"),
    "crossfix_upstream_seconds": Described(
        "histogram", ("upstream",), "seconds until an upstream began to answer"),
    "crossfix_upstream_errors_total": Described(
        "counter", ("upstream", "code"), "calls that an upstream failed to answer"),
    "crossfix_ingested_total": Described(
        "counter", ("path", "result"), "rows that came over HTTP: taken, duplicate, refused"),
    "crossfix_commit_seconds": Described(
        "histogram", ("what",), "seconds that a commit of events took"),
    "crossfix_events_waiting": Described(
        "gauge", ("what",), "events that wait to be kept: recorded, ingested"),
    "crossfix_events_lost_total": Described(
        "counter", (), "events that were given up for want of room"),
    "crossfix_record_degraded": Described(
        "gauge", (), "1 while events cannot be kept"),
    "crossfix_open_calls": Described("gauge", (), "calls under way, streams among them"),
    "crossfix_limits_fallback": Described(
        "gauge", (), "1 while limits are counted in this process alone, its server being away"),
    "crossfix_workers_untold_total": Described(
        "counter", (), "messages between workers that one of them could not be told"),
    "crossfix_alerts_total": Described(
        "counter", ("channel", "result"), "alerts: sent, failed, folded into another, held back"),
    "crossfix_exported_total": Described(
        "counter", ("sink", "result"), "events pushed to a collector: sent, failed, dropped"),
    "crossfix_accounts": Described("gauge", ("state",), "accounts that are not active, by state"),
    "crossfix_start_time_seconds": Described(
        "gauge", (), "when this process began, in seconds since 1970"),
}  # fmt: skip
"""Every metric by its name; tests compare it with the documentation and with what is told."""

_TOGETHER: dict[str, Callable[[float, float], float]] = {
    "crossfix_record_degraded": max, "crossfix_limits_fallback": max, "crossfix_accounts": max,
    "crossfix_start_time_seconds": min,
}  # fmt: skip
"""What several processes' numbers are together, where that is not their sum."""

Gauge = Callable[[], "float | Mapping[tuple[str, ...], float]"]
Labels = tuple[str, ...]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All numbers of a process at a moment; ``watched`` are those that others keep."""

    calls: list[tuple[tuple[str, str, str], list[float]]]
    counts: dict[str, list[tuple[Labels, float]]]
    times: dict[str, list[tuple[Labels, list[float]]]]
    watched: dict[str, list[tuple[Labels, float]]]


class Metrics:
    """The numbers of one process.

    Labels come from closed lists (formats, answers, codes, policies, upstreams) or are bounded
    (models): an adversary cannot make series. No account is ever a label.
    """

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str, str], list[float]] = {}
        self._counts: dict[str, dict[Labels, float]] = {}
        self._times: dict[str, dict[Labels, list[float]]] = {}
        self._gauges: dict[str, Gauge] = {}
        self._models: set[str] = set()
        self._elsewhere: dict[str, dict[Labels, float]] = {}

    def call(
        self, wire: str, answer: str, model: str, seconds: float, tokens_in: int, tokens_out: int
    ) -> None:
        """Count one call of a model; this is on the hot path."""
        if model not in self._models:
            model = self._model(model, real=tokens_in > 0 or tokens_out > 0)
        series = self._calls.get((wire, answer, model))
        if series is None:
            series = self._calls[wire, answer, model] = [0.0] * (len(SECONDS) + 4)
        series[0] += seconds
        series[1] += tokens_in
        series[2] += tokens_out
        series[bisect_left(SECONDS, seconds) + 3] += 1

    def _model(self, model: str, *, real: bool) -> str:
        # Clients write what they like there: only a model that answered gets a name of its own.
        if real and model and len(self._models) < MOST_MODELS:
            self._models.add(model)
            return model
        return OTHER

    def model(self, model: str) -> str:
        """Return a model as a label."""
        return model if model in self._models else OTHER

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        if not by:
            return
        series = self._counts.setdefault(name, {})
        if labels not in series and len(series) >= MOST_SERIES:
            labels = (OTHER,) * len(labels)
        series[labels] = series.get(labels, 0) + by

    def time(self, name: str, seconds: float, *labels: str) -> None:
        """Add to a histogram of seconds."""
        found = self._times.get(name)
        if found is None:
            found = self._times[name] = {}
        series = found.get(labels)
        if series is None:
            series = found[labels] = [0.0] * (len(SECONDS) + 2)
        series[0] += seconds
        series[bisect_left(SECONDS, seconds) + 1] += 1

    def watch(self, name: str, gauge: Gauge) -> None:
        """Have a number asked for whenever the metrics are."""
        self._gauges[name] = gauge

    def snapshot(self) -> Snapshot:
        """Return all numbers as they are now."""
        return Snapshot(
            calls=[(labels, list(series)) for labels, series in self._calls.items()],
            counts={name: list(found.items()) for name, found in self._counts.items()},
            times={
                name: [(labels, list(series)) for labels, series in found.items()]
                for name, found in self._times.items()
            },
            watched={
                name: list(self._values(name)) for name in {**self._gauges, **self._elsewhere}
            },
        )

    def add(self, snapshot: Snapshot) -> None:
        """Add the numbers of another process."""
        for labels, series in snapshot.calls:
            _add(self._calls.setdefault(labels, [0.0] * len(series)), series)
        for name, found in snapshot.counts.items():
            for label, value in found:
                self.count(name, *label, by=value)
        for name, timed in snapshot.times.items():
            own = self._times.setdefault(name, {})
            for label, series in timed:
                _add(own.setdefault(label, [0.0] * len(series)), series)
        for name, watched in snapshot.watched.items():
            self._hold(name, watched)

    def take_over(self, snapshot: Snapshot) -> None:
        """Go on from the numbers of a process that is gone: what it counted, not how it was."""
        counted = {n: v for n, v in snapshot.watched.items() if METRICS[n].kind == "counter"}
        self.add(msgspec.structs.replace(snapshot, watched=counted))
        self._models.update(model for (_, _, model), _ in snapshot.calls if model != OTHER)

    def _hold(self, name: str, found: Iterable[tuple[Labels, float]]) -> None:
        held = self._elsewhere.setdefault(name, {})
        for label, value in found:
            together = _TOGETHER.get(name, _sum)
            held[label] = together(held[label], value) if label in held else value

    def text(self) -> str:
        """Return all numbers in Prometheus' text format."""
        lines: list[str] = []
        for name, described in METRICS.items():
            lines.append(f"# HELP {name} {described.meaning}")
            lines.append(f"# TYPE {name} {described.kind}")
            if described.kind == "histogram":
                for labels, series in sorted(self._histograms(name).items()):
                    lines += _histogram(name, described.labels, labels, series)
            else:
                for labels, value in sorted(self._values(name)):
                    lines.append(f"{name}{_shown(described.labels, labels)} {_number(value)}")
        return "\n".join(lines) + "\n"

    def _values(self, name: str) -> Iterator[tuple[Labels, float]]:
        if name == "crossfix_calls_total":
            yield from ((labels, sum(s[3:])) for labels, s in self._calls.items())
        elif name == "crossfix_tokens_total":
            yield from self._tokens()
        elif name in self._gauges or name in self._elsewhere:
            yield from self._watched(name).items()
        else:
            yield from self._counts.get(name, {}).items()

    def _watched(self, name: str) -> Mapping[Labels, float]:
        gauge, elsewhere = self._gauges.get(name), self._elsewhere.get(name)
        if gauge is None:
            return elsewhere or {}
        found = gauge()
        own: Mapping[Labels, float] = found if isinstance(found, Mapping) else {(): found}
        if elsewhere is None:
            return own
        together = _TOGETHER.get(name, _sum)
        both = dict(elsewhere)
        for label, value in own.items():
            both[label] = together(both[label], value) if label in both else value
        return both

    def _tokens(self) -> Iterable[tuple[Labels, float]]:
        summed: dict[Labels, float] = {}
        for (_, _, model), series in self._calls.items():
            for direction, place in (("in", 1), ("out", 2)):
                key = (model, direction)
                summed[key] = summed.get(key, 0) + series[place]
        return [(labels, value) for labels, value in summed.items() if value]

    def _histograms(self, name: str) -> dict[Labels, list[float]]:
        if name != "crossfix_call_seconds":
            return self._times.get(name, {})
        found: dict[Labels, list[float]] = {}
        for (wire, _, _), series in self._calls.items():
            own = [series[0], *series[3:]]
            known = found.get((wire,))
            found[(wire,)] = own if known is None else [
                a + b for a, b in zip(known, own, strict=True)
            ]  # fmt: skip
        return found


def _add(series: list[float], more: list[float]) -> None:
    for place, value in enumerate(more):
        series[place] += value


def _sum(one: float, other: float) -> float:
    return one + other


def _histogram(
    name: str, names: tuple[str, ...], labels: Labels, series: list[float]
) -> Iterator[str]:
    count = 0.0
    for bound, here in zip((*SECONDS, float("inf")), series[1:], strict=True):
        count += here
        shown = _shown((*names, "le"), (*labels, "+Inf" if bound == float("inf") else f"{bound:g}"))
        yield f"{name}_bucket{shown} {_number(count)}"
    yield f"{name}_sum{_shown(names, labels)} {_number(series[0])}"
    yield f"{name}_count{_shown(names, labels)} {_number(count)}"


def _shown(names: tuple[str, ...], labels: Labels) -> str:
    if not names:
        return ""
    pairs = (f'{n}="{_escaped(v)}"' for n, v in zip(names, labels, strict=True))
    return "{" + ",".join(pairs) + "}"


def _escaped(value: str) -> str:
    plain = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return plain.encode("utf-8", "replace").decode()[:200]


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
