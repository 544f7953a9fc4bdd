"""What each format says: new texts, tool calls, results, addresses; and that nothing crashes it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfix.guard.wire import WIRES, MalformedError, Refusal

CHAT = WIRES["/v1/chat/completions"]
RESPONSES = WIRES["/v1/responses"]
MESSAGES = WIRES["/v1/messages"]
NO = Refusal(status=403, code="c", kind="denied", message="No.", more={"ref": "R"})

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NAMES = st.sampled_from(
    ["messages", "input", "prompt", "content", "role", "text", "type", "tool_calls", "function",
     "arguments", "output", "image_url", "url", "choices", "message", "delta", "usage", "n",
     "model", "max_tokens", "system", "source", "data", "metadata", "user", "stop_reason", "index"]
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)
BODIES = st.dictionaries(NAMES, JSON, max_size=6)


@pytest.mark.parametrize("path", list(WIRES))
@given(body=BODIES)
def test_whatever_json_comes_is_read_or_malformed(path: str, body: dict[str, Any]) -> None:
    wire = WIRES[path]
    try:
        ask = wire.ask(body)
    except MalformedError:
        ask = None
    if ask is not None:
        assert all(isinstance(text, str) for text in (*ask.texts, *ask.earlier, *ask.urls))
        assert ask.tokens >= 0
        wire.identify(body, "h" * 64)
    try:
        texts = wire.answered(body).texts
    except MalformedError:
        texts = ()
    assert all(isinstance(text, str) for text in texts)


@pytest.mark.parametrize("path", [p for p, wire in WIRES.items() if wire.streams])
@given(events=st.lists(BODIES, max_size=5))
def test_whatever_events_come_are_read_or_malformed(
    path: str, events: list[dict[str, Any]]
) -> None:
    reader = WIRES[path].reader(WIRES[path].ask(EXAMPLES[path]))
    for event in events:
        try:
            piece = reader.read(b"", msgspec.json.encode(event))
        except MalformedError:
            continue
        assert all(isinstance(text, str) for _, text in piece.texts)
    assert reader.answered() is not None
    for end in (reader.end_softly(NO), reader.end_with(NO)):
        assert end.endswith(b"\n\n")


EXAMPLES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "x"}]},
    "/v1/responses": {"input": "x"},
    "/v1/completions": {"prompt": "x"},
    "/v1/messages": {"messages": [{"role": "user", "content": "x"}]},
}


def test_of_a_chat_what_followed_the_models_last_turn_is_new() -> None:
    ask = CHAT.ask({"model": "m", "n": 2, "max_tokens": 10, "messages": [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": "answer"},
        {"role": "user", "content": [
            {"type": "text", "text": "second"},
            {"type": "image_url", "image_url": {"url": "https://e.org/i.png"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "a_type_of_tomorrow", "text": "third"},
        ]},
    ]})  # fmt: skip
    assert ask.texts == ("second", "third")
    assert ask.earlier == ("be kind", "first", "answer")
    assert ask.urls == ("https://e.org/i.png",)
    assert ask.tokens > 20


def test_every_choice_and_the_arguments_of_every_tool_call_are_read() -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    answered = CHAT.answered({"choices": [
        {"message": {"content": "one", "reasoning_content": "thought"}, "finish_reason": "stop"},
        {"message": {"content": None, "tool_calls": [call]}, "finish_reason": "content_filter"},
    ]})  # fmt: skip
    assert answered.texts == ("one", "thought")
    assert answered.calls == (("f", '{"a": 1}'),)
    assert answered.finish == "content_filter"


def test_of_a_response_outputs_of_tools_are_new_and_items_of_the_model_are_not() -> None:
    ask = RESPONSES.ask({"model": "m", "previous_response_id": "resp_0", "input": [
        {"role": "user", "content": "first"},
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": "result"},
        {"role": "user", "content": [{"type": "input_text", "text": "second"},
                                     {"type": "input_image", "image_url": "https://e.org/i"}]},
    ]})  # fmt: skip
    assert ask.texts == ("result", "second")
    assert ask.urls == ("https://e.org/i",)
    assert ask.conversation == "resp_0"


def test_of_a_message_tool_results_and_documents_are_read() -> None:
    ask = MESSAGES.ask({"model": "m", "max_tokens": 5, "system": "be kind", "messages": [
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {"q": "w"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t",
             "content": [{"type": "text", "text": "result"}]},
            {"type": "document", "source": {"type": "text", "data": "a document"}},
            {"type": "image", "source": {"type": "base64", "data": "QUJD"}},
        ]},
    ]})  # fmt: skip
    assert ask.texts == ("result", "a document")
    assert ask.earlier == ("be kind", "first", '{"q":"w"}')


def test_identifiers_replace_what_the_client_wrote_and_nothing_else() -> None:
    body = {"user": "me", "safety_identifier": "me", "metadata": {"k": "v"}}
    CHAT.identify(body, "hash")
    assert body == {"safety_identifier": "hash", "metadata": {"k": "v"}}
    other: dict[str, Any] = {"metadata": {"user_id": "me", "k": "v"}}
    MESSAGES.identify(other, "hash")
    assert other == {"metadata": {"user_id": "hash", "k": "v"}}
