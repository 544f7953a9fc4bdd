"""One operation of the description, in as few words as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Made = dict[str, Any]

FAULTS: dict[int, str] = {
    400: "The request is not what this path takes.",
    401: "No API key, or one that does not hold.",
    403: "The role of the API key lacks this.",
    404: "There is nothing at this path.",
    405: "Another method; `allow` says which.",
    409: "The usage policies have changed.",
    410: "The ticket was used.",
    413: "The body is larger than is allowed.",
    415: "The body is compressed or typed in a way that is not taken.",
    429: "Too much at once; `retry-after` says when to come again.",
    431: "The headers are larger than is allowed.",
    503: "It cannot be done or recorded now; `retry-after` says when to come again.",
}
"""Status of a refusal -> what it means, alike on all of the gateway's own paths."""


def ref(name: str) -> Made:
    """Return the reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(means: str, schema: Made | None = None, kind: str = "application/json") -> Made:
    """Return an answer with its meaning, and its body where it has one."""
    return {"description": means, "content": {kind: {"schema": schema}} if schema else {}}


def body(schema: Made, *kinds: str, example: Any = None) -> Made:
    """Return a body that a request must have."""
    content: Made = {"schema": schema}
    if example is not None:
        content["example"] = example
    return {"required": True, "content": dict.fromkeys(kinds or (_JSON,), content)}


def operation(
    tag: str,
    name: str,
    summary: str,
    answers: Mapping[int | str, Made],
    *,
    faults: tuple[int, ...] = (),
    fault: str = "Faults",
    key: bool = True,
    **more: Any,
) -> Made:
    """Return an operation; its ``faults`` have one shape, and ``key`` asks for an API key."""
    told = {str(status): made for status, made in answers.items()}
    for status in (*faults, *((401, 403) if key else ())):
        told.setdefault(str(status), answer(FAULTS[status], ref(fault)))
    return {
        "tags": [tag], "operationId": name, "summary": summary,
        "responses": dict(sorted(told.items())),
        "security": [{"bearer": []}, {"header": []}] if key else [],
        **more,
    }  # fmt: skip


_JSON = "application/json"
