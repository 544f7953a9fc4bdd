import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crossfix.events.readers.chat_export import ChatExport
from crossfix.events.readers.chat_log import ChatLog
from crossfix.events.readers.chat_turns import service_of_model

Read = Callable[..., Any]
AT = 1_714_564_800


def log(*rows: Any) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def said(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def test_a_call_is_its_new_prompt_its_completion_and_its_tool_calls(read: Read) -> None:
    reader = ChatLog()
    events, tally = read(reader, *reader.examples()[0])
    assert [event.action for event in events] == [
        "prompt", "completion", "tool_call", "prompt", "refusal",
    ]  # fmt: skip
    prompt, completion, tool, other, refusal = events
    assert prompt.text == "Angrier, please."
    assert completion.parent == prompt.id
    assert tool.parent == completion.id
    assert tool.attributes["tool"] == "publish"
    assert prompt.attributes["tokens_in"] == "40"
    assert completion.attributes["tokens_out"] == "9"
    assert (prompt.service, other.service) == ("openai", "anthropic")
    assert (prompt.account, other.account) == ("openai:u-1", "anthropic:u-2")
    assert prompt.conversation == completion.conversation == "c-1"
    assert refusal.attributes["finish"] == "refusal"
    assert prompt.attributes["template"] != other.attributes["template"]
    assert not tally.skipped


def test_the_named_service_wins(read: Read) -> None:
    reader = ChatLog()
    events, _ = read(reader, *reader.examples()[0], "my-app")
    assert {event.service for event in events} == {"my-app"}
    assert {event.surface for event in events} == {"ai"}


@pytest.mark.parametrize(
    ("row", "actions"),
    [
        ({"choices": [{"message": {"content": None, "refusal": "No."}}]}, ["prompt", "refusal"]),
        ({"choices": [{"message": said("assistant", ""), "finish_reason": "content_filter"}]},
         ["prompt", "refusal"]),
        ({"choices": [{"message": said("assistant", "So"), "finish_reason": "content_filter"}]},
         ["prompt", "refusal"]),
        ({"response": {"error": {"code": "content_policy_violation", "message": "blocked"}}},
         ["prompt", "refusal"]),
        ({"response": {"error": {"code": "rate_limit_exceeded"}}}, ["prompt"]),
        ({"choices": [{"message": said("assistant", t)} for t in "ab"]},
         ["prompt", "completion", "completion"]),
        ({"response": {"output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_text", "text": "Hi"}]},
            {"type": "function_call", "name": "f", "arguments": "{}"}]}},
         ["prompt", "completion", "tool_call"]),
        ({"response": {"output": [{"type": "message", "role": "assistant", "content": [
            {"type": "refusal", "refusal": "No."}]}]}}, ["prompt", "refusal"]),
        ({"response": "plain text"}, ["prompt", "completion"]),
        ({"response": json.dumps({"choices": [{"message": said("assistant", "x")}]})},
         ["prompt", "completion"]),
        ({"response": {"status_code": 200, "body": {"choices": [{"text": "legacy"}]}}},
         ["prompt", "completion"]),
        ({"response": {"candidates": [{"content": {"role": "model", "parts": [{"text": "x"}]},
                                       "finishReason": "SAFETY"}]}}, ["prompt", "refusal"]),
    ],
)  # fmt: skip
def test_answers_of_every_shape(read: Read, row: dict[str, Any], actions: list[str]) -> None:
    full = {"model": "gpt-4o", "user": "u", "created": AT, "messages": [said("user", "Q")], **row}
    events, tally = read(ChatLog(), "c.jsonl", log(full))
    assert [event.action for event in events] == actions
    assert all(event.parent == events[0].id for event in events[1:2])
    assert not tally.skipped


def test_a_transcript_gives_every_turn(read: Read) -> None:
    row = {"model": "claude-3", "user": "u", "time": "2024-05-01", "messages": [
        said("system", "s"), said("user", "a"), said("assistant", "b"), said("user", "c"),
        said("assistant", [{"type": "text", "text": "d"},
                           {"type": "tool_use", "name": "f", "input": {"x": 1}}]),
    ]}  # fmt: skip
    events, _ = read(ChatLog(), "t.jsonl", log(row))
    assert [(e.action, e.text) for e in events] == [
        ("prompt", "a"), ("completion", "b"), ("prompt", "c"), ("completion", "d"),
        ("tool_call", '{"x":1}'),
    ]  # fmt: skip
    assert [e.parent for e in events[1:]] == [e.id for e in events[:-1]]


def test_what_a_request_repeats_is_not_read_again(read: Read) -> None:
    base = {"model": "gpt-4o", "user": "u"}
    first = {**base, "created": AT, "messages": [said("user", "a")],
             "choices": [{"message": said("assistant", "b")}]}  # fmt: skip
    second = {**base, "created": AT + 60, "messages": [
        said("user", "a"), said("assistant", "b"), said("user", "c")],
        "choices": [{"message": said("assistant", "d")}]}  # fmt: skip
    events, _ = read(ChatLog(), "c.jsonl", log(first, second))
    assert [event.text for event in events] == ["a", "b", "c", "d"]


def test_calls_without_user_or_time_are_refused(read: Read) -> None:
    call = {"model": "gpt-4o", "messages": [said("user", "a")]}
    rows = [{**call, "created": AT}, {**call, "user": "u"}, {"model": "m"}, 3]
    events, tally = read(ChatLog(), "c.jsonl", log(*rows))
    assert not events
    assert tally.skipped == {
        "no account": 1, "time is not readable": 1, "no messages": 1, "not a call": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "provider", "service"),
    [
        ("gpt-4o", None, "openai"), ("claude-3-opus", None, "anthropic"),
        ("gemini-1.5-pro", None, "google"), ("mistral/small", None, "mistral"),
        ("gpt-4o", "azure", "azure"), ("grok-2", None, "xai"), ("own-model", None, "ai"),
        (None, None, "ai"), ("vertex_ai/gemini", None, "google"),
    ],
)  # fmt: skip
def test_the_service_follows_from_provider_or_model(
    model: str | None, provider: str | None, service: str
) -> None:
    assert service_of_model(model, provider) == service


def test_an_export_of_chatgpt_keeps_its_tree(read: Read) -> None:
    reader = ChatExport()
    (prompt, answer, tool), _ = read(reader, *reader.examples()[0])
    assert (prompt.account, prompt.conversation) == ("openai:user-7", "c-9")
    assert answer.parent == prompt.id
    assert answer.attributes["model"] == "gpt-4o"
    assert (tool.action, tool.attributes["tool"]) == ("tool_call", "browser")
    assert prompt.time == datetime(2024, 5, 1, 12, 0, 1, 500_000, UTC)


def test_an_export_of_claude_keeps_its_order(read: Read) -> None:
    reader = ChatExport()
    (prompt, answer), _ = read(reader, *reader.examples()[1])
    assert (prompt.action, answer.action) == ("prompt", "completion")
    assert prompt.account == "anthropic:a-1"
    assert answer.parent == prompt.id


def test_conversations_without_owner_belong_to_one_unnamed_account(read: Read) -> None:
    with zipfile.ZipFile(io.BytesIO(ChatExport().examples()[0][1])) as archive:
        raw = json.loads(archive.read("conversations.json"))
    data = json.dumps([*raw, {**raw[0], "conversation_id": "c-11"}]).encode()
    events, tally = read(ChatExport(), "conversations.json", data)
    assert len(events) == 6
    assert len({event.account for event in events}) == 1
    assert "does not say whose" in tally.notes[0]


def test_a_circular_tree_ends(read: Read) -> None:
    chat = {"conversation_id": "c", "create_time": AT, "mapping": {
        "a": {"parent": "b"}, "b": {"parent": "a"},
        "q": {"parent": "a", "message": {"author": {"role": "user"}, "content": {
            "content_type": "text", "parts": ["hi"]}}}}}  # fmt: skip
    (event,), _ = read(ChatExport(), "conversations.json", json.dumps([chat]).encode())
    assert event.parent is None
