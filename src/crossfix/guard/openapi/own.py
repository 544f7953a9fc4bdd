"""The paths that are crossfix's own: questions, events, policies, health."""

from __future__ import annotations

from crossfix.events.readers import cloud_event, event_json
from crossfix.guard.ingest.body import LINES
from crossfix.guard.openapi.operation import Made, answer, body, operation, ref
from crossfix.guard.shells import litellm_api

_ROWS: Made = {"anyOf": [ref("SentEvent"), {"type": "array", "items": ref("SentEvent")},
                         {"type": "object", "description": "a CloudEvent, a batch of OTLP/JSON, "
                          "or a log of LiteLLM"},
                         {"type": "array", "items": {"type": "object"}}]}  # fmt: skip
_SPANS: Made = {
    "type": "object", "required": ["resourceSpans"],
    "properties": {"resourceSpans": {"type": "array"}},
}  # fmt: skip


_SERVICE: Made = {
    "name": "service", "in": "query", "schema": {"type": "string", "minLength": 1},
    "description": "the service that all rows are of, whatever they say",
}  # fmt: skip


def paths() -> dict[str, Made]:
    """Return the operations by path."""
    return {
        "/v1/decide": {"post": _decide()},
        "/v1/events": {"post": _events()},
        "/v1/traces": {"post": _traces()},
        "/v1/usage/acceptance": {"post": _acceptance()},
        "/usage": {"get": _usage()},
        litellm_api.PATH: {"post": _litellm()},
        **_watching(),
    }


def _decide() -> Made:
    example = {"account": "anna", "texts": ["Write a haiku about rain."], "model": "gpt-5"}
    return operation(
        "guard", "decide", "Ask what an account may do; whatever the decision is, it is 200.",
        {200: answer("The decision.", ref("Decided"))}, faults=(400, 413, 503),
        requestBody=body(ref("Question"), example=example),
    )  # fmt: skip


def _litellm() -> Made:
    unavailable = answer("It cannot be recorded now.", ref("LitellmAnswer"))
    return operation(
        "guard", "litellm_guardrail", "LiteLLM's generic guardrail API.",
        {200: answer("Whether the call may go on.", ref("LitellmAnswer")), 503: unavailable},
        faults=(400,), requestBody=body(ref("GuardrailQuestion")),
    )  # fmt: skip


def _events() -> Made:
    rows = answer("Every event that is taken is durable; the others are said.", ref("TakenRows"))
    return operation(
        "events", "send_events", "Send what accounts did: one event, many, or lines of them.",
        {202: rows, 400: answer("No row can be taken, or the body cannot be read.",
                                {"anyOf": [ref("TakenRows"), ref("Faults")]})},
        faults=(413, 415, 429, 503), parameters=[_SERVICE],
        requestBody={"required": True, "content": {
            "application/json": {"schema": _ROWS, "example": list(event_json.EXAMPLE)},
            "application/cloudevents+json": {"schema": {"type": "object"},
                                             "example": cloud_event.EXAMPLE[0]},
            LINES[0]: {"schema": {"type": "string"}},
        }},
    )  # fmt: skip


def _traces() -> Made:
    return operation(
        "events", "send_traces", "Send OpenTelemetry traces, of which `gen_ai` spans are kept.",
        {200: {"description": "What is taken is durable.", "content": {
            "application/json": {"schema": ref("TracesTaken")},
            "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}}}}},
        faults=(400, 413, 415, 429, 503), parameters=[_SERVICE],
        requestBody={"required": True, "content": {
            "application/json": {"schema": _SPANS},
            "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
        }},
    )  # fmt: skip


def _acceptance() -> Made:
    return operation(
        "policies", "accept_usage", "Record that an account accepted the usage policies.",
        {200: answer("It is recorded.", ref("Accepted"))}, faults=(400, 409, 413, 503),
        requestBody=body(ref("Acceptance"), example={"account": "anna", "language": "en"}),
    )  # fmt: skip


def _usage() -> Made:
    language = {
        "name": "language", "in": "query", "schema": {"type": "string"},
        "description": "a language code, before what `Accept-Language` says",
    }  # fmt: skip
    page = answer("The page.", {"type": "string"}, "text/html")
    return operation(
        "policies", "usage", "The live usage policies, as people read them.", {200: page},
        key=False, parameters=[language],
    )  # fmt: skip


def _watching() -> dict[str, Made]:
    text = answer("The metrics, in Prometheus' text format.", {"type": "string"}, "text/plain")
    ready: dict[int | str, Made] = {
        200: answer("Requests may come.", ref("Readiness")),
             503: answer("They had better go elsewhere.", ref("Readiness"))}  # fmt: skip
    itself = answer("This description.", {"type": "object"})
    return {
        "/metrics": {"get": operation("watching", "metrics", "Numbers about the guard.",
                                      {200: text})},
        "/healthz": {"get": operation("watching", "healthz", "Whether the process answers.",
                                      {200: answer("It does.", ref("Health"))}, key=False)},
        "/readyz": {"get": operation("watching", "readyz", "Whether requests should come here.",
                                     ready, key=False)},
        "/openapi.json": {"get": operation("watching", "openapi", "This description.",
                                           {200: itself}, key=False)},
    }  # fmt: skip
