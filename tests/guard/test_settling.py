"""What a call used in the end, as the limits of a real gateway show it."""

import itertools
from collections.abc import Callable
from typing import Any

import openai
from tests.guard.gateway_process import Serving

ASK: Any = [{"role": "user", "content": "hi"}]
LIMITS = """
[guard]
default_limits = false

[guard.limits.day]
scope = "account"
counted = "tokens"
limit = 1000
period_seconds = 86400
"""


def test_a_call_that_was_estimated_at_one_token_is_charged_what_it_used(
    serve: Callable[..., Serving], upstream: Any
) -> None:
    serving = serve("--upstream", upstream.url, "--open", settings=LIMITS)
    with openai.OpenAI(base_url=serving.url + "/v1", api_key="sk-t") as client:
        raw = client.chat.completions.with_raw_response
        left = [
            int(raw.create(model="scripted", messages=ASK, user="ann").headers[
                "x-ratelimit-remaining-tokens"
            ])
            for _ in range(3)
        ]  # fmt: skip
    assert [a - b for a, b in itertools.pairwise(left)] == [21, 21]
