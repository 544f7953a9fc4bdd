"""`crossfix serve` as those see it who watch it: metrics, health, ingest, alerts, logs, exports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks.webhooks import Webhook as Verifier
from tests.guard.alerts.receivers import Receiver
from tests.guard.gateway_process import Scripted, Serving, wait_for

import crossfix
from crossfix.events.readers.otel import spans_of
from crossfix.guard.alerts.webhook import new_secret
from crossfix.guard.metrics import METRICS

HELLO = [{"role": "user", "content": "hello"}]

POLICY = """
title: Signups in bulk
id: many-signups
version: 1
status: live
level: high
description: Accounts made from one address within minutes.
text:
  en: Accounts may not be made in bulk.
author: crossfix
date: 2026-01-01
tags: [killchain.0]
falsepositives: [a school]
references: [https://example.org]
when: signup
condition: count("signup", within="10m", by="ip") > 3
effects:
  - challenge: proof_of_work
tests:
  - name: many
    events:
      - {action: signup, account: "app:bot{n}", ip: 203.0.113.7, repeat: 5, every: 1s}
    expect: hit
  - name: one
    events:
      - {action: signup, account: "app:a", ip: 203.0.113.7}
    expect: none
"""


def run_crossfix(serving: Serving, *arguments: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "crossfix", *arguments, "--data", str(serving.folder / "data")],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(crossfix.__file__).parents[1])},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


def key_of(serving: Serving, role: str, *more: str) -> str:
    said = run_crossfix(serving, "keys", "create", role, "--role", role, "--json", *more)
    return str(json.loads(said)["secret"])


def client(serving: Serving, key: str) -> httpx.Client:
    return httpx.Client(
        base_url=serving.url, headers={"authorization": f"Bearer {key}"}, timeout=30
    )


def samples(http: httpx.Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = http.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (s.name, tuple(sorted(s.labels.items()))): s.value
        for family in text_string_to_metric_families(answer.text)
        for s in family.samples
    }


def allowed(http: httpx.Client, path: str) -> bool:
    return http.get(path).status_code == 200


def test_calls_are_in_the_metrics_for_those_who_may_read_them(
    serve: Callable[..., Serving], upstream: Scripted
) -> None:
    serving = serve("--upstream", upstream.url)
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key="sk-x", max_retries=0) as sdk:
        for _ in range(3):
            sdk.chat.completions.create(model="scripted", messages=HELLO, user="anna")
        list(sdk.chat.completions.create(model="scripted", messages=HELLO, stream=True))
        with pytest.raises(openai.BadRequestError):
            sdk.chat.completions.create(model="policy", messages=HELLO)
        with pytest.raises(openai.APIStatusError):
            sdk.chat.completions.create(model="dies", messages=HELLO)
    assert httpx.get(f"{serving.url}/metrics").status_code == 401
    with client(serving, key_of(serving, "sensor")) as http:
        assert http.get("/metrics").status_code == 401 or http.get("/metrics").status_code == 403
    with client(serving, key_of(serving, "monitor")) as http:
        wait_for(lambda: allowed(http, "/metrics"), 15)
        found = samples(http)
        ready = http.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True)
    assert httpx.get(f"{serving.url}/healthz").json() == {"ok": True}
    chat = {dict(labels)["model"]: v for (n, labels), v in found.items()
            if n == "crossfix_calls_total" and dict(labels)["wire"] == "chat"}  # fmt: skip
    assert sum(chat.values()) == 6
    assert chat["scripted"] >= 3
    assert found["crossfix_tokens_total", (("direction", "in"), ("model", "scripted"))] >= 27
    assert sum(v for (n, _), v in found.items() if n == "crossfix_provider_refusals_total") == 1
    errors = {dict(labels)["code"] for n, labels in found if n == "crossfix_upstream_errors_total"}
    assert errors == {"upstream_lost"}
    assert found["crossfix_upstream_seconds_count", (("upstream", "default"),)] == 5
    assert {n.removesuffix("_total") for n in METRICS} >= {
        n.removesuffix("_total").removesuffix("_count").removesuffix("_sum").removesuffix("_bucket")
        for n, _ in found
    }


def test_a_policy_acts_on_signups_that_come_over_http_and_operators_are_told(
    serve: Callable[..., Serving], upstream: Scripted, tmp_path: Path, receiver: Receiver
) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "many-signups.yaml").write_text(POLICY, encoding="utf-8")
    secret = new_secret()
    serving = serve(
        "--upstream", upstream.url, "--config", "crossfix.toml",
        settings=f'[policy]\ndirectory = "{policies}"\n[alerts.webhooks.ops]\n'
        f'url = "{receiver.url}"\nsecret = "HOOK_SECRET"\n',
        environment={"HOOK_SECRET": secret},
    )  # fmt: skip
    sensor = key_of(serving, "sensor")
    with client(serving, sensor) as http:
        wait_for(lambda: http.post("/v1/events", json=[]).status_code == 202, 15)
        signups = [
            {"service": "app", "account": f"bulk-{n}", "action": "signup", "ip": "203.0.113.9",
             "text": "a secret word"}
            for n in range(6)
        ]  # fmt: skip
        assert http.post("/v1/events", json=signups).json()["taken"] == 6
    headers, body = wait_for(lambda: receiver.posts[0] if receiver.posts else None, 15)
    told = Verifier(secret).verify(body, headers)
    assert told["type"] == "alert.policy"
    assert told["data"]["facts"]["policy"] == "many-signups"
    assert b"secret word" not in body
    decisions = [e for e in serving.events("bulk-5", count=2) if e["action"] == "decision"]
    assert decisions[0]["attributes"]["policies"] == "many-signups@1"
    # The account meets it at its next call.
    application = key_of(serving, "application", "--identity", "field:user")
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key=application, max_retries=0) as sdk:
        wait_for(lambda: answers(sdk, "somebody"), 15)
        with pytest.raises(openai.PermissionDeniedError) as refused:
            sdk.chat.completions.create(model="scripted", messages=HELLO, user="bulk-5")
        assert refused.value.code == "verification_required"
        sdk.chat.completions.create(model="scripted", messages=HELLO, user="bulk-0")
    with client(serving, key_of(serving, "monitor")) as http:
        wait_for(lambda: http.get("/metrics").status_code != 401, 15)
        found = samples(http)
    rows = (("path", "events"), ("result", "taken"))
    assert found["crossfix_ingested_total", rows] == 6
    assert found["crossfix_commit_seconds_count", (("what", "ingest"),)] >= 1
    assert found["crossfix_accounts", (("state", "challenged"),)] == 3


def answers(sdk: openai.OpenAI, user: str) -> bool:
    try:
        sdk.chat.completions.create(model="scripted", messages=HELLO, user=user)
    except openai.AuthenticationError:
        return False
    return True


def test_an_account_that_is_suspended_by_hand_is_told_once(
    serve: Callable[..., Serving], upstream: Scripted, receiver: Receiver
) -> None:
    serving = serve(
        "--upstream", upstream.url, "--config", "crossfix.toml",
        settings=f'[alerts.webhooks.ops]\nurl = "{receiver.url}"\nformat = "slack"\n',
    )  # fmt: skip
    run_crossfix(serving, "accounts", "set", "app:<b>", "--state", "suspended", "--why", "spam")
    _, body = wait_for(lambda: receiver.posts[0] if receiver.posts else None, 15)
    assert "An account is suspended" in json.loads(body)["text"]
    assert "app:&lt;b&gt;" in json.loads(body)["text"]
    assert len(receiver.posts) == 1


def test_a_line_of_the_log_is_json_whatever_was_sent(
    serve: Callable[..., Serving], upstream: Scripted
) -> None:
    serving = serve("--upstream", upstream.url, "--log-content")
    evil = 'x\n{"event": "forged"}\r\n\u202e\u2028\x1b[31m'
    key = "AKIA" + "Q3EGRJ5XTKVLNBW7"
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key="sk-x", max_retries=0) as sdk:
        sdk.chat.completions.create(
            model="echo", user=evil,
            messages=[{"role": "user", "content": f"{evil} mail anna.meier@posteo.de {key}"}],
        )  # fmt: skip
        sdk.chat.completions.create(model="scripted\nforged", messages=HELLO)

    def calls() -> list[dict[str, Any]] | None:
        lines = [x for x in serving.said().splitlines() if x.startswith("{")]
        found = [c for x in lines if (c := json.loads(x)).get("event") == "call"]
        return found if len(found) == 2 else None

    first, second = wait_for(calls, 10)
    assert first["text"].startswith(evil[:2])
    assert "anna.meier@posteo.de" not in serving.said()
    assert key not in serving.said()
    assert second["model"] == "scripted\nforged"
    assert not any(line.startswith('{"event": "forged"') for line in serving.said().splitlines())
    assert serving.said().isascii()


def test_the_log_has_no_content_unless_it_is_asked_for(
    serve: Callable[..., Serving], upstream: Scripted
) -> None:
    serving = serve("--upstream", upstream.url, "--config", "crossfix.toml",
                    settings='[log]\nlevel = "info"\n')  # fmt: skip
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key="sk-x", max_retries=0) as sdk:
        said = [{"role": "user", "content": "a secret word"}]
        sdk.chat.completions.create(model="echo", messages=said)
    wait_for(lambda: '"event": "call"' in serving.said(), 10)
    assert "secret word" not in serving.said()


@pytest.mark.parametrize("content", [False, True])
def test_calls_are_pushed_to_a_collector(
    serve: Callable[..., Serving], upstream: Scripted, receiver: Receiver, content: bool
) -> None:
    serving = serve(
        "--upstream", upstream.url, "--config", "crossfix.toml",
        settings=f'[export]\notlp = "{receiver.base}/v1/traces"\nheaders = "OTLP_HEADERS"\n'
        f"content = {str(content).lower()}\n",
        environment={"OTLP_HEADERS": "x-team=ops%20one"},
    )  # fmt: skip
    receiver.statuses = [503]
    with openai.OpenAI(base_url=f"{serving.url}/v1", api_key="sk-x", max_retries=0) as sdk:
        said = [{"role": "user", "content": "a secret word"}]
        sdk.chat.completions.create(model="echo", messages=said, user="anna")
    wait_for(lambda: serving.said(), 5)
    assert serving.end() == 0
    (_, first), (headers, body) = receiver.posts
    assert first == body
    assert headers["x-team"] == "ops one"
    (span,) = spans_of(json.loads(body))
    assert span.attributes["gen_ai.request.model"] == "echo"
    assert span.attributes["crossfix.answer"] == "allow"
    assert span.attributes["gen_ai.usage.output_tokens"] == 12
    assert str(span.attributes["user.id"]).endswith("/anna")
    assert (b"secret word" in body) is content
