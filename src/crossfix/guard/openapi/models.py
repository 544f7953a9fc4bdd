"""The paths of models: what the gateway itself asks of a body, and what it answers itself."""

from __future__ import annotations

from crossfix.guard.openapi.operation import Made, answer, operation, ref
from crossfix.guard.wire import WIRES

_STATUSES: dict[int, str] = {
    400: "The body is not of the format.",
    401: "No API key, one that does not hold, or an account that cannot be told.",
    403: "Blocked, or challenged: `guard.url` is where, `guard.tier` what to show.",
    404: "No upstream serves this model or this path.",
    413: "The body is larger than is allowed.",
    429: "Throttled: `retry-after` says when to come again.",
    502: "The model API cannot be reached, broke off or answered garbage.",
    503: "A check that must not be missed cannot be made, or too many calls are under way.",
    504: "The model API was silent for too long.",
}
_MODEL: Made = {"type": ["string", "null"], "maxLength": 256}
_CONTENT: Made = {"type": ["string", "array", "object", "null"],
                  "items": {"type": ["string", "object", "null"]}}  # fmt: skip
_ITEMS: Made = {"type": ["string", "array", "object", "null"], "items": {"type": "object"}}
_TURN: Made = {"type": "object", "properties": {"content": _CONTENT}}
_TURNS: Made = {"type": "array", "minItems": 1, "items": _TURN}
_TEXTS: Made = {"anyOf": [{"type": "string"}, *(
    {"type": "array", "minItems": 1, "items": {"type": kind}}
    for kind in ("string", "integer", "array")
)]}  # fmt: skip
_JUDGED: Made = {"type": ["string", "array"], "minLength": 1, "minItems": 1,
                 "items": {"type": ["string", "object"]}}  # fmt: skip
_TOLD = ("decision", "reference", "degraded")

BODIES: dict[str, tuple[tuple[str, ...], dict[str, Made]]] = {
    "/v1/chat/completions": (("messages",), {"messages": _TURNS}),
    "/v1/messages": (("messages",), {"messages": _TURNS}),
    "/v1/responses": ((), {"input": _ITEMS, "instructions": _CONTENT, "prompt": {}}),
    "/v1/completions": ((), {"prompt": {"anyOf": [*_TEXTS["anyOf"], {"type": "null"}]}}),
    "/v1/embeddings": (("input",), {"input": _TEXTS}),
    "/v1/moderations": (("input",), {"input": _JUDGED}),
}
"""Path -> the members that a body must have, and those that the gateway reads by their kind."""


def paths() -> dict[str, Made]:
    """Return the operations by path."""
    found = {path: {"post": _call(path)} for path in WIRES}
    passed: dict[int | str, Made] = {"default": answer("What the upstream answers, as it came.")}
    listed = operation("models", "models", "The models of the upstream.", _answers() | passed)
    return {**found, "/v1/models": {"get": listed}}


def _call(path: str) -> Made:
    wire = WIRES[path]
    required, properties = BODIES[path]
    schema: Made = {"type": "object", "required": list(required),
                    "properties": {"model": _MODEL, **properties}}  # fmt: skip
    if path == "/v1/responses":
        some = [{"required": ["input"], "properties": {"input": {"not": {"type": "null"}}}},
                {"required": ["prompt"], "properties": {"prompt": {"type": "object"}}}]  # fmt: skip
        schema["anyOf"] = some
    content: Made = {"application/json": {"schema": {}}}
    if wire.streams:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    told: dict[int | str, Made] = {
        200: {"description": "What the model answers, as it came.", "content": content,
              "headers": {f"x-crossfix-{name}": {"schema": {"type": "string"}} for name in _TOLD}},
        "default": answer("What the upstream answers besides, as it came."),
    }  # fmt: skip
    about = f"Call a model: {path} as its API has it."
    shape = "AnthropicFaults" if wire.name == "messages" else "ModelFaults"
    return operation(
        "models", wire.name, about, {**told, **_answers(shape)},
        fault=shape,
        requestBody={"required": True, "content": {"application/json": {"schema": schema}}},
    )  # fmt: skip


def _answers(shape: str = "ModelFaults") -> dict[int | str, Made]:
    # An upstream may answer with these, too, in whatever shape it has.
    return {
        status: answer(means, {"anyOf": [ref(shape), {}]}) for status, means in _STATUSES.items()
    }
