"""From a challenged call to one that passes, through the gateway that people run."""

import subprocess
import sys
from collections.abc import Callable

import openai
import pytest
from tests.guard.gateway_process import Scripted, Serving, wait_for

SETTINGS = "[verify]\nproof_cost = 10\nproof_tries = 20\n"


def test_a_challenged_account_passes_and_goes_on_at_once(
    upstream: Scripted, serve: Callable[..., Serving]
) -> None:
    gateway = serve("--upstream", upstream.url, settings=SETTINGS)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-real", max_retries=0)

    def call() -> object:
        return client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "A very private question."}],
            user="ann",
        )  # fmt: skip

    call()
    account = wait_for(lambda: [e["account"] for e in gateway.events() if e["action"] == "prompt"])
    data = str(gateway.folder / "data")
    run = [sys.executable, "-m", "crossfix"]
    subprocess.run(
        [*run, "accounts", "set", account[0], "--require", "proof_of_work", "--why", "test",
         "--data", data], check=True, capture_output=True,
    )  # fmt: skip

    def challenged() -> str | None:
        try:
            call()
        except openai.PermissionDeniedError as refused:
            found: str = refused.body["guard"]["url"]  # type: ignore[index, call-overload]
            return found
        return None

    url = wait_for(challenged)
    assert url.startswith(gateway.url + "/verify/")
    assert account[0].partition(":")[2] not in url
    done = subprocess.run([*run, "verify", "solve", url], capture_output=True, text=True)
    assert done.stdout == "Verified. Repeat what you were doing.\n", done.stderr
    call()  # in the same moment

    logins = wait_for(lambda: [e for e in gateway.events() if e["action"] == "login"])
    assert logins[0]["account"] == account[0]
    assert logins[0]["attributes"]["verified"] == "proof_of_work"
    prompts = [e["text"] for e in gateway.events() if e["action"] == "prompt"]
    assert set(prompts) == {"A very private question."}
    kept = b"".join(p.read_bytes() for p in (gateway.folder / "data").glob("events.sqlite*")
                    if p.is_file())  # fmt: skip
    assert b"very private" not in kept
    assert "Traceback" not in gateway.said()


@pytest.mark.parametrize("content", ["hash", "drop"])
def test_texts_are_hashed_or_dropped_as_the_settings_say(
    upstream: Scripted, serve: Callable[..., Serving], content: str
) -> None:
    settings = f'[privacy]\ncontent = "{content}"\n'
    gateway = serve("--upstream", upstream.url, settings=settings)
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key="sk-real", max_retries=0)
    client.chat.completions.create(
        model="scripted", messages=[{"role": "user", "content": "See https://example.org/x"}]
    )
    prompts = wait_for(lambda: [e for e in gateway.events() if e["action"] == "prompt"])
    assert prompts[0]["urls"] == []
    text = prompts[0]["text"]
    assert text is None if content == "drop" else text.startswith("hash:")
