"""What OpenAI's formats have in common: errors, and the field that says who asks."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.guard.wire.ask import Refusal

_TYPES = {
    "invalid": "invalid_request_error",
    "denied": "invalid_request_error",
    "limit": "rate_limit_error",
    "key": "authentication_error",
    "missing": "invalid_request_error",
    "outside": "server_error",
}

DONE = b"data: [DONE]\n\n"


def error_body(refusal: Refusal) -> dict[str, Any]:
    """Return ``{"error": …}``; the decision is in it under ``guard``, where both SDKs show it."""
    error: dict[str, Any] = {
        "message": refusal.message,
        "type": _TYPES[refusal.kind],
        "param": refusal.param,
        "code": refusal.code,
    }
    if refusal.more is not None:
        error["guard"] = dict(refusal.more)
    return {"error": error}


def identify(body: dict[str, Any], identifier: str) -> None:
    """Set ``safety_identifier``, and take away ``user``, its deprecated twin."""
    body["safety_identifier"] = identifier
    body.pop("user", None)


def data_event(body: dict[str, Any], name: str | None = None) -> bytes:
    """Return a server-sent event with JSON as its data."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + msgspec.json.encode(body) + b"\n\n"
