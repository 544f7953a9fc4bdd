"""The other ways to ask the same guard, each against a real gateway."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.guard.gateway_process import Scripted, Serving
from tests.guard.policies_for_tests import write_policies
from tests.guard.shells.conftest import Keyed

from crossfix.errors import OutsideError
from crossfix.guard.shells.sdk import AsyncCrossfixClient, CrossfixClient


def test_a_gateway_that_holds_the_providers_key_asks_for_one_of_its_own(
    keyed: Keyed, upstream: Scripted
) -> None:
    hello = [{"role": "user", "content": "hello"}]
    with openai.OpenAI(base_url=keyed.url + "/v1", api_key=keyed.key) as client:
        assert client.chat.completions.create(model="echo", messages=hello, user="anna")
    headers = upstream.last()["headers"]
    assert headers["authorization"] == "Bearer sk-provider"
    assert keyed.key not in json.dumps(headers)
    for wrong in ("sk-stolen", "cfx_" + "x" * 43):
        with (
            openai.OpenAI(base_url=keyed.url + "/v1", api_key=wrong) as client,
            pytest.raises(openai.AuthenticationError),
        ):
            client.chat.completions.create(model="echo", messages=hello)
    accounts = {e["account"] for e in keyed.serving.events("anna", count=3)}
    assert accounts == {"app:anna"}


def test_the_first_key_is_shown_once(keyed: Keyed, upstream: Scripted, tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    os.symlink(keyed.serving.folder / "data", tmp_path / "gateway" / "data")
    again = Serving(
        tmp_path / "gateway", "--upstream", upstream.url, "--upstream-key", "PROVIDER_KEY",
        environment={"PROVIDER_KEY": "sk-provider"},
    )  # fmt: skip
    again.end(signal.SIGTERM)
    assert "cfx_" not in again.said()


def test_a_decision_is_data_for_who_calls_the_model_himself(keyed: Keyed) -> None:
    guard = CrossfixClient(keyed.url, keyed.key)
    fine = guard.decide(account="bert", texts=["hello"], model="m", tokens=5)
    assert (fine.allowed, fine.decision) == (True, "allow")
    assert {limit["counted"] for limit in fine.limits} == {"requests", "tokens"}
    refused = guard.decide(account="bert", texts=["xblock"])
    assert not refused.allowed
    assert (refused.status, refused.code) == (403, "content_policy_violation")
    assert refused.reasons[0]["policy"] == "blocks"
    challenged = guard.decide(account="bert", texts=["xchallenge"])
    assert (challenged.decision, challenged.tier) == ("challenge", "email")
    assert challenged.url is not None
    assert challenged.url.startswith(keyed.url + "/verify/")
    answered = guard.decide(
        account="bert", texts=["xleak"], action="completion", id=fine.id, tokens_out=3
    )
    assert answered.decision == "block"
    actions = [e["action"] for e in keyed.serving.events("bert", count=8)]
    assert sorted(actions) == ["completion", *["decision"] * 4, *["prompt"] * 3]


def test_the_asynchronous_client_asks_alike(keyed: Keyed) -> None:
    async def ask() -> list[bool]:
        async with AsyncCrossfixClient(keyed.url, keyed.key) as guard:
            asked = [guard.decide(account="c", texts=[t]) for t in ("fine", "xblock")]
            return [d.allowed for d in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == [True, False]


@pytest.mark.parametrize(
    "question",
    [{}, {"account": ""}, {"account": "a\nb"}, {"account": "a", "texts": "no list"},
     {"account": "a", "unknown": 1}, {"account": "a" * 300}, {"account": "a", "tokens": -1}],
)  # fmt: skip
def test_a_question_that_is_none_is_refused_in_one_sentence(
    keyed: Keyed, question: dict[str, Any]
) -> None:
    answer = httpx.post(
        keyed.url + "/v1/decide", json=question, headers={"authorization": f"Bearer {keyed.key}"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "invalid_request"


def test_who_has_no_key_or_reaches_nobody_is_told(keyed: Keyed) -> None:
    with pytest.raises(OutsideError, match="401"):
        CrossfixClient(keyed.url).decide(account="a")
    with pytest.raises(OutsideError, match="cannot be reached"):
        CrossfixClient("http://127.0.0.1:9").decide(account="a")


def test_litellms_generic_guardrail_is_told_what_to_block(keyed: Keyed) -> None:
    def ask(text: str, kind: str = "request") -> dict[str, Any]:
        question = {
            "input_type": kind, "texts": [text], "images": [], "litellm_call_id": "call",
            "request_data": {"user_api_key_user_id": "dora", "user_api_key_hash": "h"},
            "litellm_version": "1", "tools": None, "request_headers": {"x": "y"},
        }  # fmt: skip
        answer = httpx.post(
            keyed.url + "/beta/litellm_basic_guardrail_api", json=question,
            headers={"x-api-key": keyed.key},
        )  # fmt: skip
        assert answer.status_code == 200
        return dict(answer.json())

    assert ask("hello") == {"action": "NONE"}
    blocked = ask("xblock")
    assert blocked["action"] == "BLOCKED"
    assert "The rule blocks says no." in blocked["blocked_reason"]
    assert ask("xleak", "response")["action"] == "BLOCKED"
    assert {e["account"] for e in keyed.serving.events("dora", count=3)} == {"app:dora"}


def test_envoy_is_told_whom_to_let_by(keyed: Keyed) -> None:
    def check(text: str, key: str = keyed.key) -> httpx.Response:
        body = {"model": "m", "user": "emil", "messages": [{"role": "user", "content": text}]}
        return httpx.post(
            keyed.url + "/envoy/v1/chat/completions", json=body,
            headers={"authorization": "Bearer app-session", "x-crossfix-key": key},
        )  # fmt: skip

    allowed = check("hello")
    assert allowed.status_code == 200
    assert len(allowed.headers["x-crossfix-account-hash"]) == 64
    blocked = check("xblock")
    assert blocked.status_code == 403
    assert blocked.json()["error"]["code"] == "content_policy_violation"
    assert check("hello", "cfx_wrong").status_code == 401
    headers = {"x-crossfix-key": keyed.key}
    assert httpx.get(keyed.url + "/envoy/anything", headers=headers).status_code == 200


def test_moderations_are_the_guards_own_where_no_upstream_has_them(keyed: Keyed) -> None:
    with openai.OpenAI(base_url=keyed.url + "/v1", api_key=keyed.key) as client:
        answer = client.moderations.create(input=["hello there"])
    assert answer.model == "crossfix"
    assert [r.flagged for r in answer.results] == [False]
    assert answer.results[0].category_scores.hate == 0.0


async def chat(request: StarletteRequest) -> JSONResponse:
    return JSONResponse({"said": (await request.json())["text"]})


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An application of one's own with the middleware before it, served for real."""
    import threading
    import time

    from crossfix.app import open_desk
    from crossfix.config import load_settings
    from crossfix.guard.shells.middleware import CrossfixMiddleware

    policies = write_policies(tmp_path / "policies")
    settings = load_settings(
        arguments={"data_directory": tmp_path / "data", "policy.directory": policies},
        environment={},
    )
    desk = open_desk(settings)
    inner = Starlette(routes=[Route("/chat", chat, methods=["POST"])])
    guarded_app = CrossfixMiddleware(
        inner, desk, paths=["/chat"],
        account=lambda scope: dict(scope["headers"]).get(b"x-user", b"").decode() or None,
    )  # fmt: skip
    config = uvicorn.Config(guarded_app, port=0, log_level="warning", lifespan="on", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def test_the_middleware_guards_an_applications_own_paths(application: str) -> None:
    def post(text: str, user: str = "fritz") -> httpx.Response:
        headers = {"x-user": user} if user else {}
        return httpx.post(application + "/chat", json={"text": text}, headers=headers)

    fine = post("hello")
    assert fine.json() == {"said": "hello"}
    assert fine.headers["x-crossfix-decision"] == "allow"
    refused = post("xblock")
    assert refused.status_code == 403
    assert refused.json()["error"]["guard"]["reasons"][0]["policy"] == "blocks"
    assert post("xblock", user="").json() == {"said": "xblock"}
    # What has messages and is no chat is read as any other JSON.
    for messages in ([1, "xblock"], ["xblock"]):
        odd = httpx.post(application + "/chat", json={"messages": messages},
                         headers={"x-user": "fritz"})  # fmt: skip
        assert odd.status_code == 403


def test_a_challenge_is_met_where_the_application_is(application: str) -> None:
    refused = httpx.post(application + "/chat", json={"text": "xchallenge"},
                         headers={"x-user": "emil"})  # fmt: skip
    link = refused.json()["error"]["guard"]["url"]
    assert link.startswith(application + "/verify/")
    found = httpx.get(link, headers={"accept": "application/json"}, timeout=30).json()
    assert found["needed"] == "email"
    assert [way["way"] for way in found["ways"]] == ["proof_of_work"]
    assert httpx.get(application + "/verify/none").status_code == 404
