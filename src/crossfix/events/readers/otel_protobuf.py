"""OpenTelemetry traces as OTLP writes them in protobuf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossfix.events.readers.json_fields import RefusedError
from crossfix.events.readers.otel_span import Span

_DEEPEST = 32


def spans_of_protobuf(body: bytes) -> Iterator[Span]:
    """Yield the spans of one export request; needs the extra ``guard``.

    Raises:
        RefusedError: it is none.
    """
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, RuntimeError, ValueError):
        raise RefusedError("not an export of traces") from None
    for group in request.resource_spans:
        resource = _values(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Span(
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    name=span.name,
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    attributes=_values(span.attributes),
                    events=[(event.name, _values(event.attributes)) for event in span.events],
                    resource=resource,
                )


def _values(pairs: Any, depth: int = 0) -> dict[str, Any]:
    return {pair.key: _value(pair.value, depth) for pair in pairs}


def _value(value: Any, depth: int) -> Any:
    kind = value.WhichOneof("value")
    if kind is None or depth > _DEEPEST:
        return None
    held = getattr(value, kind)
    if kind == "array_value":
        return [_value(each, depth + 1) for each in held.values]
    if kind == "kvlist_value":
        return _values(held.values, depth + 1)
    return held


def refusal_of_protobuf(rejected: int, why: str) -> bytes:
    """Return the answer to an export request: how many spans were rejected, and why."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = why
    raw: bytes = answer.SerializeToString()
    return raw
