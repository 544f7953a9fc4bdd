"""What the description of the gateway holds, without a gateway that runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from crossfix.app import build_gateway
from crossfix.config import load_settings
from crossfix.guard.codes import CODES
from crossfix.guard.decision import Decision, RateLimit, Reason
from crossfix.guard.openapi.document import document
from crossfix.guard.refuse import refused
from crossfix.guard.request import Request
from crossfix.guard.shells import envoy
from crossfix.guard.shells.decide_api import said
from crossfix.guard.shells.desk import Verdict
from crossfix.guard.verify.mount import PREFIX
from crossfix.guard.wire import WIRES


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return json.loads(msgspec.json.encode(document()))


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_reference_leads_somewhere_and_every_type_is_used(
    description: dict[str, Any],
) -> None:
    made = {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}
    used = set(references(description))
    assert used <= made
    assert made - used <= {"#/components/schemas/Shown"}  # it is what `guard` of an error holds


def test_every_schema_is_one(description: dict[str, Any]) -> None:
    for name, schema in description["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["description"], name
        assert "\n" not in schema["description"]


def test_every_path_that_the_gateway_answers_is_described(
    description: dict[str, Any], tmp_path: Path
) -> None:
    settings = load_settings(environment={}, arguments={
        "data_directory": tmp_path, "gateway.upstreams.default.url": "http://127.0.0.1:9/v1",
    })  # fmt: skip
    answered = {*build_gateway(settings)._extra, *WIRES} - {PREFIX, envoy.PREFIX}
    described = {path for path in description["paths"] if not path.startswith(PREFIX)}
    assert described == answered | {"/v1/models"}
    names = [o["operationId"] for path in description["paths"].values() for o in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("answer", ["allow", "flag", "throttle", "challenge", "block"])
def test_an_answer_to_a_question_is_as_it_is_described(
    answer: Any, description: dict[str, Any]
) -> None:
    reason = Reason(code=next(iter(CODES)), text="Why.", policy="p", evidence={"x": "y"})
    decision = Decision(
        answer=answer, reference="7K3F9-QTX2M", reasons=(reason,), lifts="Wait.", tier="email",
        retry_seconds=3.5, degraded=("limits",),
        limits=(RateLimit(counted="requests", limit=5, remaining=4, reset_seconds=1.0),),
    )  # fmt: skip
    refusal = refused(decision, "http://127.0.0.1/verify/t")
    request = Request(id="1", service="app", account="app:a", action="prompt")
    verdict = Verdict(request=request, decision=decision, refusal=refusal, url="http://x/verify/t")
    shown = json.loads(msgspec.json.encode(said(verdict)))
    jsonschema.validate(shown, {"$ref": "#/components/schemas/Decided", **description})
    if refusal is not None:
        guard = json.loads(msgspec.json.encode(refusal.more))
        jsonschema.validate(guard, {"$ref": "#/components/schemas/Shown", **description})
    wrong = shown | {"evidence": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, {"$ref": "#/components/schemas/Decided", **description})
