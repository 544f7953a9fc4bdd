"""The gateway does what its description says, tried by schemathesis against a real process."""

import json
import os
import string
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from tests.guard.gateway_process import Serving
from tests.guard.policies_for_tests import write_policies
from tests.guard.served import Application, Served

from crossfix.guard.wire import WIRES

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "25"))
"""Requests of each operation."""

_PRINTABLE = string.ascii_letters + string.digits + " .-_@äß中я"
schemathesis.openapi.format("printable", st.text(_PRINTABLE, min_size=1, max_size=20))

# Rows are judged one by one: of a list with one good row that row is taken.
_BY_ROWS = {"/v1/events", "/v1/traces"}
# Who accepts another edition, or shows a code that is none, is refused for a good reason.
_STATEFUL = {"/v1/usage/acceptance"}


async def _nothing() -> None:
    return None


async def _model(scope: Any, receive: Any, send: Any) -> None:
    """Answer as a model API that takes whatever it is sent."""
    while (await receive()).get("more_body"):
        pass
    choice = {"index": 0, "finish_reason": "stop", "text": "x",
              "message": {"role": "assistant", "content": "a short answer"}}  # fmt: skip
    body = {"id": "x", "object": "chat.completion", "model": "m", "choices": [choice],
            "output": [], "content": [], "data": []}  # fmt: skip
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, str]]:
    """A gateway that asks for keys, without limits that would end the trial, and a key of it."""
    folder = tmp_path_factory.mktemp("described")
    upstream = Served(
        Application(dict.fromkeys([*WIRES, "/v1/models"], _model), _nothing, _nothing)
    )
    policies = write_policies(folder / "policies")
    serving = Serving(
        folder, "--upstream", upstream.url + "/v1", "--upstream-key", "PROVIDER_KEY",
        settings=f'[policy]\ndirectory = "{policies}"\n[guard]\ndefault_limits = false\n',
        environment={"PROVIDER_KEY": "sk-provider"},
    )  # fmt: skip
    (line,) = [line for line in serving.said().splitlines() if "shown this once" in line]
    yield serving, line.split()[-1]
    assert serving.end() == 0, serving.said()
    assert "Traceback" not in serving.said()
    upstream.stop()


@pytest.mark.accept
def test_schemathesis_finds_nothing_that_the_description_does_not_say(
    serving: tuple[Serving, str],
) -> None:
    gateway, key = serving
    found = httpx.get(gateway.url + "/openapi.json").json()
    description = schemathesis.openapi.from_dict(found)
    description.config.update(base_url=gateway.url)
    ticket = _ticket(gateway.url, key)
    began = time.monotonic()
    failures: list[str] = []
    for result in description.get_all_operations():
        operation = result.ok()
        headers = {} if "security" not in operation.definition.raw else {
            "authorization": f"Bearer {key}"}  # fmt: skip
        if not operation.definition.raw["security"]:
            headers = {}
        for mode in schemathesis.GenerationMode:
            try:
                _try(operation, mode, headers, ticket)
            except Unsatisfiable:  # this operation takes nothing that could be wrong
                continue
            except (BaseExceptionGroup, AssertionError, schemathesis.errors.SchemathesisError) as e:
                failures.append(_told(operation.label, mode.name, e))
    assert not failures, "\n\n".join(failures)
    assert time.monotonic() - began < 420
    assert httpx.get(gateway.url + "/healthz").json() == {"ok": True}
    assert httpx.get(gateway.url + "/readyz").json()["ok"] is True


def _told(operation: str, mode: str, error: BaseException) -> str:
    faults = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
    notes = getattr(error, "__notes__", [])
    return "\n".join([f"{operation} {mode}:", *map(str, faults), *notes])


def _ticket(url: str, key: str) -> str:
    """Return the ticket of a challenge, so that the steps of verification are tried as well."""
    body = {"account": "to-verify", "texts": ["xchallenge"]}
    said = httpx.post(url + "/v1/decide", json=body, headers={"authorization": f"Bearer {key}"})
    return str(said.json()["url"]).rpartition("/")[2]


def _try(operation: Any, mode: Any, headers: dict[str, str], ticket: str) -> None:
    left_out = {
        "unsupported_method",
        "ignored_auth",
        "use_after_free",
        "ensure_resource_availability",
    }
    if operation.path in _BY_ROWS:
        left_out |= {"positive_data_acceptance", "negative_data_rejection"}
    if operation.path in _STATEFUL or operation.path.startswith("/verify"):
        left_out.add("positive_data_acceptance")
    checks = [c for c in CHECKS.get_all() if c.__name__ not in left_out]

    @seed(1)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def run(case: Any, real: bool) -> None:
        if real and mode.is_positive and "ticket" in (case.path_parameters or {}):
            case.path_parameters["ticket"] = ticket
        case.headers.update(headers)
        answer = case.call(timeout=20)
        try:
            case.validate_response(answer, checks=checks)
        except BaseException as e:
            e.add_note(f"{case.as_curl_command()}\n{answer.status_code} {answer.text}"[:2_000])
            raise

    run()


def test_other_methods_are_refused_with_those_that_are_taken(
    serving: tuple[Serving, str],
) -> None:
    gateway, _ = serving
    description = httpx.get(gateway.url + "/openapi.json").json()
    own = [p for p in description["paths"] if "{" not in p and p not in {*WIRES, "/v1/models"}]
    assert len(own) >= 9
    for path in own:
        answer = httpx.request("DELETE", gateway.url + path)
        assert answer.status_code == 405, path
        said = {m.strip().lower() for m in answer.headers["allow"].split(",")}
        assert said - {"head"} == set(description["paths"][path]), path


def test_what_needs_a_key_is_refused_without_one_and_with_a_wrong_one(
    serving: tuple[Serving, str],
) -> None:
    gateway, _ = serving
    description = httpx.get(gateway.url + "/openapi.json").json()
    asked = 0
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            for headers in ({}, {"authorization": "Bearer cfx_wrong"}, {"x-crossfix-key": "cfx_"}):
                if operation["security"]:
                    body = {"messages": [{"content": "hello"}], "input": "hello"}
                    answer = httpx.request(method, gateway.url + path, json=body, headers=headers)
                    assert answer.status_code == 401, (path, answer.text)
                    asked += 1
    assert asked >= 30


def test_examples_of_the_description_are_taken(
    serving: tuple[Serving, str],
) -> None:
    gateway, key = serving
    headers = {"authorization": f"Bearer {key}"}
    description = httpx.get(gateway.url + "/openapi.json").json()
    tried = 0
    for path, operations in description["paths"].items():
        for kind, content in (
            operations.get("post", {}).get("requestBody", {}).get("content", {}).items()
        ):
            if "example" in content:
                answer = httpx.post(
                    gateway.url + path, content=json.dumps(content["example"]),
                    headers=headers | {"content-type": kind},
                )  # fmt: skip
                assert answer.status_code in (200, 202), (path, answer.text)
                assert not answer.json().get("refused"), answer.text
                tried += 1
    assert tried >= 4
