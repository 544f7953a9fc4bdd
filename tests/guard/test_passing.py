"""Paths without a format: one spelling, and what their JSON says."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.guard.passing import action_of, identified, read_loosely, spelled
from crossfix.guard.wire import WIRES

CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        (CHAT, CHAT), (CHAT + "/", CHAT), ("/v1/Chat/Completions", CHAT),
        ("/v1/files/File-1/content", "/v1/files/File-1/content"),
        ("/v1/models/ft:gpt-4o:org::id", "/v1/models/ft:gpt-4o:org::id"),
        ("/v1/models/é a@b", "/v1/models/é a@b"), ("/", "/"),
        ("/v1//chat/completions", None), ("/v1/./chat/completions", None), (CHAT + "//", None),
        ("/v1/x/../chat/completions", None), ("/v1/..", None), ("/v1/chat%2fcompletions", None),
        (CHAT + ";x", None), (CHAT + "?x", None), (CHAT + "#x", None), ("/v1\\chat", None),
        ("/v1/chat\n/completions", None), ("//v1/chat/completions", None),
    ],
)  # fmt: skip
def test_a_path_has_one_spelling(path: str, plain: str | None) -> None:
    assert spelled(path) == plain


@given(st.text("/v1.chtomplens%;", max_size=24).map(lambda text: "/v1/" + text))
def test_no_spelling_is_left_that_means_a_format_to_others(path: str) -> None:
    plain = spelled(path)
    if plain is not None and plain not in WIRES:
        parts = [part for part in plain.lower().split("/") if part not in ("", ".")]
        assert "/" + "/".join(parts) not in WIRES
        assert spelled(plain) == plain


def test_texts_of_a_body_are_read_and_what_programs_set_is_not() -> None:
    body = {
        "model": "gpt-image-1", "prompt": "a red fox", "size": "1024x1024", "user": "ann",
        "image": "iVBORw0KGgo" * 4000, "requests": [{"custom_id": "1", "params": {
            "messages": [{"role": "user", "content": [{"type": "text", "text": "in a batch"}]}]}}],
    }  # fmt: skip
    said = read_loosely("POST", "/v1/images/generations", json.dumps(body).encode())
    assert said.text == "a red fox\nin a batch"
    assert (said.model, said.user) == ("gpt-image-1", "ann")
    identified(said.body, "hash")
    assert said.body["user"] == "hash"
    assert "safety_identifier" not in said.body


@pytest.mark.parametrize(
    ("method", "path", "raw"),
    [
        ("GET", "/v1/models", b'{"prompt": "x"}'), ("POST", "/v1/messages/count_tokens", b"{}"),
        ("POST", "/v1/files", b"--boundary"), ("POST", "/v1/x", b"[1]"), ("POST", "/v1/x", b"{"),
        ("POST", "/v1/x", b'{"a":' * 50_000), ("POST", "/v1/x", b""),
    ],
)  # fmt: skip
def test_what_is_no_object_says_nothing(method: str, path: str, raw: bytes) -> None:
    assert read_loosely(method, path, raw).text == ""


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20,
))  # fmt: skip
def test_any_json_is_read(value: Any) -> None:
    said = read_loosely("POST", "/v1/x", msgspec.json.encode({"x": value}))
    assert isinstance(said.text, str)


def test_only_what_may_be_written_is_a_prompt() -> None:
    assert action_of("POST", "/v1/images/generations") == "prompt"
    assert action_of("POST", "/v1/messages/count_tokens") == "visit"
    assert action_of("GET", "/v1/models") == "visit"
    assert action_of("DELETE", "/v1/files/x") == "visit"
