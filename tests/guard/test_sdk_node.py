"""The OpenAI and Anthropic SDKs of Node against the gateway."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from tests.guard.gateway_process import Scripted, Serving
from tests.guard.policies_for_tests import write_policies

SCRIPT = """
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";
const url = process.argv[2];
const openai = new OpenAI({ baseURL: url + "/v1", apiKey: "sk-test" });
const claude = new Anthropic({ baseURL: url, apiKey: "sk-ant" });
const ask = (text) => [{ role: "user", content: text }];
const found = {};
async function seen(name, call) {
  const began = Date.now();
  try {
    found[name] = { said: await call() };
  } catch (e) {
    found[name] = { error: e.constructor.name, status: e.status, code: e.code,
      guard: e.error?.guard ?? e.error?.error?.guard };
  }
  found[name].seconds = (Date.now() - began) / 1000;
}
const chat = (text, more = {}) =>
  openai.chat.completions.create({ model: "echo", messages: ask(text), ...more });
async function streamed(text) {
  let said = "";
  for await (const chunk of await chat(text, { stream: true }))
    said += chunk.choices[0]?.delta?.content ?? "";
  return said;
}
await seen("whole", async () => (await chat("hello")).choices[0].message.content);
await seen("stream", () => streamed("hello in a stream"));
await seen("response", async () =>
  (await openai.responses.create({ model: "echo", input: "hi" })).output_text);
await seen("tool", async () => (await openai.chat.completions.create({ model: "tool",
  messages: ask("x") })).choices[0].message.tool_calls[0].function.arguments);
await seen("block", () => chat("xblock"));
await seen("blocked stream", () => streamed("fine words ".repeat(40) + "xleak"));
await seen("challenge", () => chat("xchallenge"));
await chat("xthrottle");
await seen("throttle", () => chat("xthrottle"));
await seen("cut", async () => {
  let said = "";
  for await (const chunk of await openai.chat.completions.create({ model: "cuts",
    messages: ask("x"), stream: true })) said += chunk.choices[0]?.delta?.content ?? "";
  return said;
});
const message = (text) => claude.messages.create({ model: "echo", max_tokens: 9,
  messages: ask(text) });
await seen("claude", async () => (await message("hello")).content[0].text);
await seen("claude block", () => message("xblock"));
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def found(upstream: Scripted, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm is not installed: the SDKs of Node are not tried")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent", "openai@6", "@anthropic-ai/sdk"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if installed.returncode:
        pytest.skip(f"npm could not install the SDKs: {installed.stderr[-300:]}")
    (folder / "ask.mjs").write_text(SCRIPT)
    policies = write_policies(folder / "policies")
    serving = Serving(
        folder / "gateway", "--upstream", upstream.url,
        settings=f'[policy]\ndirectory = "{policies}"\n',
    )  # fmt: skip
    ran = subprocess.run(
        [node, "ask.mjs", serving.url], cwd=folder, capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    serving.end()
    assert ran.returncode == 0, ran.stderr
    loaded: dict[str, Any] = json.loads(ran.stdout)
    return loaded


@pytest.mark.accept
def test_calls_come_through(found: dict[str, Any]) -> None:
    assert found["whole"]["said"] == found["claude"]["said"] == "hello"
    assert found["stream"]["said"] == "hello in a stream"
    assert found["response"]["said"] == "hi"
    assert json.loads(found["tool"]["said"]) == {"city": "Bern"}


@pytest.mark.accept
def test_blocks_and_challenges_are_permission_denied(found: dict[str, Any]) -> None:
    for name, code in (("block", "content_policy_violation"),
                       ("challenge", "verification_required")):  # fmt: skip
        assert found[name]["error"] == "PermissionDeniedError"
        assert (found[name]["status"], found[name]["code"]) == (403, code)
        assert found[name]["guard"]["ref"]
        assert found[name]["seconds"] < 5
    assert found["claude block"]["error"] == "PermissionDeniedError"
    assert found["blocked stream"]["error"] == "APIError"


@pytest.mark.accept
def test_a_long_throttle_is_not_sat_out(found: dict[str, Any]) -> None:
    assert found["throttle"]["error"] == "RateLimitError"
    assert found["throttle"]["seconds"] < 5


@pytest.mark.accept
def test_a_stream_that_breaks_off_is_an_error(found: dict[str, Any]) -> None:
    assert found["cut"]["error"] == "APIError"
