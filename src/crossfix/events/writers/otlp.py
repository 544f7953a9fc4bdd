"""Calls of models as OpenTelemetry spans of the ``gen_ai`` conventions, in OTLP's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crossfix.events.event import Event
from crossfix.events.writers.calls import Call

_CLIENT = 3
_ERROR = 2


def request_of(
    calls: Iterable[Call], *, content: bool = False, version: str = ""
) -> dict[str, Any]:
    """Return one export request with a span for each call."""
    spans = [span_of(call, content=content) for call in calls]
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _pairs({"service.name": "crossfix"})},
                "scopeSpans": [
                    {"scope": {"name": "crossfix", "version": version}, "spans": spans}
                ],
            }
        ]
    }  # fmt: skip


def span_of(call: Call, *, content: bool = False) -> dict[str, Any]:
    """Return the span of a call; with ``content`` the texts go along.

    The reader ``otel`` makes the same prompts and answers of it. The guard's decision stands in
    attributes of crossfix's own.
    """
    first = call.first
    last = call.answers[-1] if call.answers else call.decision or first
    refused = any(a.action == "refusal" for a in call.answers)
    decided = call.decision.attributes if call.decision is not None else {}
    blocked = decided.get("answer") in ("block", "throttle", "challenge")
    model = first.attributes.get("model") or last.attributes.get("model")
    span = {
        "traceId": _hex(first.id, 32),
        "spanId": _hex(first.id[::-1], 16),
        "name": f"chat {model}" if model else "chat",
        "kind": _CLIENT,
        "startTimeUnixNano": str(_nanoseconds(first.time)),
        "endTimeUnixNano": str(max(_nanoseconds(last.time), _nanoseconds(first.time))),
        "attributes": _pairs(
            _attributes(call, content=content)
            | ({"error.type": decided["answer"]} if blocked else {})
        ),
        "status": {"code": _ERROR} if blocked or refused else {},
    }
    return span


def _attributes(call: Call, *, content: bool) -> dict[str, Any]:
    first = call.first
    prompt = call.prompt.attributes if call.prompt is not None else {}
    answer = call.answers[0].attributes if call.answers else {}
    decided = call.decision.attributes if call.decision is not None else {}
    found: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": first.service,
        "gen_ai.request.model": prompt.get("model"),
        "gen_ai.response.model": answer.get("model"),
        "gen_ai.conversation.id": first.conversation,
        "user.id": first.account,
        "client.address": prompt.get("ip"),
        "gen_ai.usage.input_tokens": _whole(answer.get("tokens_in") or prompt.get("tokens_in")),
        "gen_ai.usage.output_tokens": _whole(answer.get("tokens_out")),
        "gen_ai.response.finish_reasons": _finishes(call.answers),
        "crossfix.answer": decided.get("answer"),
        "crossfix.reference": decided.get("reference"),
        "crossfix.reasons": decided.get("reasons"),
        "crossfix.policies": decided.get("policies"),
    }
    if content:
        found |= _content(call)
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _content(call: Call) -> dict[str, Any]:
    asked = call.prompt.text if call.prompt is not None else None
    said = [
        {"role": "assistant", "parts": [_part(a)], "finish_reason": a.attributes.get("finish", "")}
        for a in call.answers
        if a.text
    ]
    parts = [{"type": "text", "content": asked}]
    return {
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": parts}]) if asked else None,
        "gen_ai.output.messages": json.dumps(said) if said else None,
    }


def _part(answer: Event) -> dict[str, Any]:
    if answer.action == "tool_call":
        name = answer.attributes.get("tool", "")
        return {"type": "tool_call", "name": name, "arguments": answer.text}
    return {"type": "text", "content": answer.text}


def _finishes(answers: list[Event]) -> list[str]:
    return [
        answer.attributes.get("finish") or ("refusal" if answer.action == "refusal" else "stop")
        for answer in answers
        if answer.action != "tool_call"
    ]


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def _pairs(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(each) for each in value]}}
    return {"stringValue": str(value)}


def _hex(id: str, length: int) -> str:
    """Return an id as OTLP has it; an event's own is 32 hex digits already."""
    plain = "".join(c for c in id.lower() if c in "0123456789abcdef")[:length].ljust(length, "0")
    return plain if plain.strip("0") else "1".rjust(length, "0")


def _nanoseconds(time: datetime) -> int:
    return round(time.timestamp() * 1_000_000) * 1_000
