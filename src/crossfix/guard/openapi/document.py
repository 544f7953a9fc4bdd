"""The description as a whole: paths, types, and how to say who asks."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix import __version__
from crossfix.guard.openapi import models, own, shapes, verify
from crossfix.guard.openapi.operation import FAULTS, Made, answer, ref
from crossfix.guard.shells.decide_api import Question
from crossfix.guard.shells.litellm_api import GuardrailQuestion
from crossfix.guard.usage import Acceptance

_TYPES = (
    Acceptance, GuardrailQuestion, Question, shapes.Accepted, shapes.Decided, shapes.Faults,
    shapes.Health, shapes.Hooked, shapes.LitellmAnswer, shapes.ModelFaults, shapes.Readiness,
    shapes.SentEvent, shapes.Shown, shapes.Stepped, shapes.TakenRows, shapes.Task, shapes.Ticket,
    shapes.TracesTaken,
)  # fmt: skip
_TEMPLATE = "#/components/schemas/{name}"
_ABOUT = """crossfix answers for model APIs, and has paths of its own. Model calls are passed on as
they came, but for what is said here; other paths below `/v1` go on unread. Envoy's external
authorization is asked below `/envoy`, at the path of the request that it is about."""


def document() -> dict[str, Any]:
    """Return the description as OpenAPI 3.1 has it."""
    found = {**own.paths(), **models.paths(), **verify.paths()}
    for path in found.values():
        for operation in path.values():
            # The server itself refuses these, whatever the path is.
            operation["responses"].setdefault("431", answer(FAULTS[431], ref("ModelFaults")))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "crossfix", "version": __version__, "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "models", "description": "Calls of models, guarded."},
            {"name": "guard", "description": "Questions to the guard alone."},
            {"name": "events", "description": "What happens elsewhere."},
            {"name": "policies", "description": "What the usage policies say."},
            {"name": "verify", "description": "Where challenges lead."},
            {"name": "watching", "description": "How the gateway is."},
        ],
        "paths": found,
        "components": {"schemas": schemas(), "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "x-crossfix-key"},
        }},
    }  # fmt: skip


def schemas() -> dict[str, Made]:
    """Return the types by name."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template=_TEMPLATE)
    anthropic: Made = {
        "description": "An error of the gateway's in the shape of Anthropic.",
        "type": "object", "required": ["type", "error"],
        "properties": {"type": {"const": "error"}, "error": {
            "type": "object", "required": ["type", "message"],
            "properties": {"type": {"type": "string"}, "message": {"type": "string"}}}},
    }  # fmt: skip
    for made in found.values():
        made["description"] = " ".join(made["description"].split())
    return dict(sorted({**found, "AnthropicFaults": anthropic}.items()))
