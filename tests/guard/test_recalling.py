"""What policies remember across a restart of a real gateway."""

from pathlib import Path
from typing import Any

import openai
import pytest
from tests.guard.gateway_process import Serving
from tests.guard.policies_for_tests import policy


def ask(serving: Serving, user: str) -> None:
    with openai.OpenAI(base_url=serving.url + "/v1", api_key="sk-t", max_retries=0) as client:
        client.chat.completions.create(
            model="scripted", messages=[{"role": "user", "content": "bulk text"}], user=user
        )


def test_who_was_just_under_a_threshold_before_a_restart_is_caught_after(
    upstream: Any, tmp_path: Path
) -> None:
    (tmp_path / "policies").mkdir()
    rule = policy("bulk", 'count("prompt", within="1h", where=contains("bulk")) > 3', "block")
    rule = rule.partition("tests:")[0]
    (tmp_path / "policies" / "bulk.yaml").write_text(rule, encoding="utf-8")
    settings = f'[policy]\ndirectory = "{tmp_path / "policies"}"\n'
    first = Serving(tmp_path / "g", "--upstream", upstream.url, "--open", settings=settings)
    for _ in range(3):
        ask(first, "ann")
    first.events("ann", count=9)
    assert first.end() == 0
    again = Serving(tmp_path / "g", "--upstream", upstream.url, "--open", settings=settings)
    try:
        ask(again, "bob")
        with pytest.raises(openai.PermissionDeniedError):
            ask(again, "ann")
    finally:
        again.end()
