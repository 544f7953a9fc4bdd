"""What providers say that a call used, in each format."""

from typing import Any

import pytest

from crossfix.guard.wire import WIRES

CHAT = {
    "prompt_tokens": 100,
    "completion_tokens": 7,
    "prompt_tokens_details": {"cached_tokens": 60},
}
RESPONSES = {
    "input_tokens": 100, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 60},
}  # fmt: skip
MESSAGES = {
    "input_tokens": 30, "output_tokens": 7, "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 10,
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "usage"),
    [("/v1/chat/completions", CHAT), ("/v1/completions", CHAT), ("/v1/responses", RESPONSES),
     ("/v1/messages", MESSAGES)],
)  # fmt: skip
def test_tokens_that_were_kept_are_counted_apart(path: str, usage: dict[str, Any]) -> None:
    answered = WIRES[path].answered({"usage": usage})
    assert (answered.tokens_in, answered.tokens_out, answered.cached_in) == (100, 7, 60)
    for wrong in (None, {}, {**usage, "prompt_tokens_details": 3, "input_tokens_details": []}):
        assert WIRES[path].answered({"usage": wrong}).cached_in in (0, 60)
