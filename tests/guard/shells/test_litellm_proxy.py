"""The guardrail inside a real LiteLLM proxy, as its users see it through the OpenAI SDK."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from tests.guard.gateway_process import Process, Scripted, Serving, wait_for
from tests.guard.policies_for_tests import write_policies

pytestmark = pytest.mark.accept

ROOT = Path(__file__).parents[3]
PINNED = "litellm[proxy]==1.106.2"
MASTER = "sk-8f1d6c2b7e904a53"
INSTALL_SECONDS, START_SECONDS = 900, 240


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with LiteLLM and crossfix; `LITELLM_ENVIRONMENT` has one."""
    if ready := os.environ.get("LITELLM_ENVIRONMENT"):
        return Path(ready)
    folder = tmp_path_factory.mktemp("litellm") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    try:
        subprocess.run([*install, PINNED, str(ROOT)], check=True, timeout=INSTALL_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as e:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"{PINNED} cannot be installed: {e}", pytrace=False)
        pytest.skip(f"{PINNED} cannot be installed here: {e}")
    return folder


@pytest.fixture(scope="module")
def guard(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The gateway that is asked; nobody calls a model through it."""
    folder = tmp_path_factory.mktemp("guard")
    policies = write_policies(folder / "policies")
    serving = Serving(
        folder, "--upstream", upstream.url, "--open",
        settings=f'[policy]\ndirectory = "{policies}"\n',
    )  # fmt: skip
    yield serving
    assert serving.end() == 0, serving.said()


@pytest.fixture(scope="module")
def client(
    environment: Path, guard: Serving, upstream: Scripted,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[openai.OpenAI]:  # fmt: skip
    """An OpenAI client of a LiteLLM proxy that has the guardrail on for every call."""
    folder = tmp_path_factory.mktemp("proxy")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    models = [
        {"model_name": name, "litellm_params": {
            "model": f"openai/{name}", "api_base": upstream.url, "api_key": "sk-x"}}
        for name in ("echo", "scripted")
    ]  # fmt: skip
    hook = "crossfix.guard.shells.litellm_hook.CrossfixGuardrail"
    config = {
        "model_list": models,
        "guardrails": [{"guardrail_name": "crossfix", "litellm_params": {
            "guardrail": hook, "mode": ["pre_call", "post_call"], "default_on": True}}],
        "general_settings": {"master_key": MASTER},
    }  # fmt: skip
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    proxy = Process(
        [str(environment / "bin" / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1",
         "--port", str(port)],
        folder,
        {"LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False", "NO_COLOR": "1",
         "CROSSFIX_GUARD_URL": guard.url, "PYTHONPATH": ""},
    )  # fmt: skip

    def up() -> bool:
        assert proxy.process.poll() is None, proxy.said()
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/liveliness", timeout=5).is_success
        except httpx.HTTPError:
            return False

    wait_for(up, START_SECONDS)
    url = f"http://127.0.0.1:{port}/v1"
    with openai.OpenAI(base_url=url, api_key=MASTER, max_retries=0) as client:
        yield client
    proxy.end()


def ask(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_an_allowed_call_is_answered_and_known_to_the_guard(
    client: openai.OpenAI, guard: Serving
) -> None:
    answer = client.chat.completions.create(model="echo", messages=ask("good day"), user="anna")
    assert answer.choices[0].message.content == "good day"
    found = guard.events("anna", count=4)
    assert {e["account"] for e in found} == {"app:anna"}
    assert {"prompt", "completion", "decision"} <= {e["action"] for e in found}


def test_a_blocked_call_reaches_no_model_and_says_why(
    client: openai.OpenAI, upstream: Scripted
) -> None:
    before = len(upstream.calls())
    with pytest.raises(openai.PermissionDeniedError) as refused:
        client.chat.completions.create(model="echo", messages=ask("xblock now"), user="bea")
    assert "The rule blocks says no." in str(refused.value)
    assert len(upstream.calls()) == before


def test_a_throttled_call_is_a_429(client: openai.OpenAI) -> None:
    client.chat.completions.create(model="echo", messages=ask("xthrottle"), user="tess")
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="echo", messages=ask("xthrottle"), user="tess")


def test_a_flagged_call_goes_on_and_is_recorded(client: openai.OpenAI, guard: Serving) -> None:
    answer = client.chat.completions.create(model="echo", messages=ask("xflag please"), user="flo")
    assert answer.choices[0].message.content == "xflag please"
    decisions = [e for e in guard.events("flo", count=4) if e["action"] == "decision"]
    assert "flag" in {e["attributes"]["answer"] for e in decisions}


def test_what_the_model_answers_is_judged_as_well(client: openai.OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(model="echo", messages=ask("say xleak"), user="lea")


def test_a_stream_goes_on_in_pieces_and_a_blocked_one_never_begins(
    client: openai.OpenAI, guard: Serving
) -> None:
    stream = client.chat.completions.create(
        model="echo", messages=ask("a stream of many words"), user="sam", stream=True
    )
    pieces = [c.choices[0].delta.content for c in stream if c.choices]
    assert "".join(p for p in pieces if p) == "a stream of many words"
    assert len(pieces) > 3
    assert "completion" in {e["action"] for e in guard.events("sam", count=4)}
    with pytest.raises(openai.PermissionDeniedError):
        client.chat.completions.create(
            model="echo", messages=ask("xblock"), user="sam", stream=True
        )


def test_a_stream_that_leaks_ends_in_an_error(client: openai.OpenAI) -> None:
    text = "say xleak " + "and go on " * 40
    stream = client.chat.completions.create(
        model="echo", messages=ask(text), user="max", stream=True
    )
    with pytest.raises(openai.APIError):
        for _ in stream:
            pass
