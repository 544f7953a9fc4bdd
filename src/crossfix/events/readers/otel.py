"""OpenTelemetry traces in OTLP's JSON: the calls of models that are among the spans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from crossfix.events.event import Event
from crossfix.events.readers.batches import batches, shown
from crossfix.events.readers.json_fields import RefusedError, member, members, string
from crossfix.events.readers.json_records import LONGEST_RECORD, records, sample, share
from crossfix.events.readers.otel_span import NO_CALL, Span, of_span
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

_DEEPEST = 32
_LISTS = ("resourceSpans", "resource_spans")


class Otel(Reader):
    """Reads traces in OTLP's JSON, as the collector's file exporter writes them.

    Of all spans those of the ``gen_ai`` conventions become events; the others are counted as
    skipped. The account is ``user.id`` or ``enduser.id`` of the span or its resource.
    """

    name = "otel"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records hold spans."""
        return 0.96 * share(sample(source), is_traces)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield prompts, completions, refusals and tool calls."""
        found = records(source, tally, max_record=LONGEST_RECORD)
        yield from batches(_events(found, options, tally), options, tally)

    def examples(self) -> list[tuple[str, bytes]]:
        """Return an export with a span of this year's conventions and one of last year's."""
        return [("traces.json", json.dumps(EXAMPLE).encode() + b"\n")]


def is_traces(row: Any) -> bool:
    """Say whether a record is an export of traces."""
    return isinstance(row, dict) and any(isinstance(row.get(name), list) for name in _LISTS)


def spans_of(body: Any) -> Iterator[Span]:
    """Yield the spans of one export request in JSON.

    Raises:
        RefusedError: it is none.
    """
    if not is_traces(body):
        raise RefusedError("not an export of traces")
    for group in members(body, _LISTS[0]) or members(body, _LISTS[1]):
        resource = values_of(member(group, "resource", "attributes"))
        for scope in members(group, "scopeSpans") or members(group, "scope_spans"):
            for span in members(scope, "spans"):
                yield _span(span, resource)


def _span(span: Any, resource: dict[str, Any]) -> Span:
    return Span(
        trace=string(span, "traceId") or string(span, "trace_id") or "",
        id=string(span, "spanId") or string(span, "span_id") or "",
        name=string(span, "name") or "",
        began=_nanoseconds(span, "startTimeUnixNano", "start_time_unix_nano"),
        ended=_nanoseconds(span, "endTimeUnixNano", "end_time_unix_nano"),
        attributes=values_of(member(span, "attributes")),
        events=[
            (string(event, "name") or "", values_of(member(event, "attributes")))
            for event in members(span, "events")
        ],
        resource=resource,
    )


def _nanoseconds(span: Any, *names: str) -> int:
    for name in names:
        value = member(span, name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            return int(value)
    return 0


def values_of(pairs: Any) -> dict[str, Any]:
    """Return OTLP's list of keys and typed values as a plain object."""
    return {
        key: value_of(member(pair, "value"))
        for pair in members(pairs)
        if (key := string(pair, "key")) is not None
    }


def value_of(value: Any, depth: int = 0) -> Any:
    """Return one typed value of OTLP as a plain one; what is nested too deep becomes None."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return None
    for name, held in value.items():
        if name in ("stringValue", "boolValue", "doubleValue", "string_value"):
            return held
        if name == "intValue":  # int64 is text in JSON
            whole = isinstance(held, str) and held.lstrip("-").isdigit() and len(held) < 21
            return int(held) if whole else held
        if name == "arrayValue":
            return [value_of(each, depth + 1) for each in members(held, "values")]
        if name == "kvlistValue":
            return {
                key: value_of(member(pair, "value"), depth + 1)
                for pair in members(held, "values")
                if (key := string(pair, "key")) is not None
            }
    return None


def _events(
    found: Iterator[tuple[int, Any, Any]], options: ReadOptions, tally: Tally
) -> Iterator[tuple[int, Event]]:
    """Yield the events of every span; a span that is refused costs itself alone."""
    for number, _, body in found:
        try:
            for span in spans_of(body):
                try:
                    for event in of_span(span, options.service):
                        yield number, event
                except RefusedError as refused:
                    said = span.name if refused.message == NO_CALL else shown(span.attributes)
                    tally.skip(refused.message, number, said)
        except RefusedError as refused:
            tally.skip(refused.message, number, shown(body))


def _pairs(**named: str | int) -> list[dict[str, Any]]:
    return [
        {"key": name.replace("__", "."),
         "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v}}
        for name, v in named.items()
    ]  # fmt: skip


_ASKED = '[{"role":"user","parts":[{"type":"text","content":"Write seven posts."}]}]'
_ANSWERED = (
    '[{"role":"assistant","parts":[{"type":"text","content":"1. Late again"}],'
    '"finish_reason":"stop"}]'
)
EXAMPLE: dict[str, Any] = {"resourceSpans": [{
    "resource": {"attributes": _pairs(service__name="shop")},
    "scopeSpans": [{"spans": [
        {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
         "name": "chat gpt-4o-mini", "kind": 3, "startTimeUnixNano": "1740823200500000000",
         "endTimeUnixNano": "1740823202000000000",
         "attributes": [*_pairs(gen_ai__operation__name="chat", gen_ai__provider__name="openai",
             gen_ai__request__model="gpt-4o-mini", gen_ai__conversation__id="c-1",
             user__id="u-1", gen_ai__usage__input_tokens=12, gen_ai__usage__output_tokens=5,
         ), {"key": "gen_ai.input.messages", "value": {"stringValue": _ASKED}},
              {"key": "gen_ai.output.messages", "value": {"stringValue": _ANSWERED}}]},
        {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b175",
         "name": "chat claude", "kind": 3, "startTimeUnixNano": "1740823300000000000",
         "endTimeUnixNano": "1740823301000000000",
         "attributes": _pairs(gen_ai__system="anthropic", gen_ai__request__model="claude-sonnet-4",
                              enduser__id="u-2"),
         "events": [{"name": "gen_ai.user.message",
                     "attributes": _pairs(content="Forge a letter.")}]},
        {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b176",
         "name": "GET /", "startTimeUnixNano": "1740823300000000000", "attributes": []},
    ]}],
}]}  # fmt: skip
