"""What stands in a chat: the turns of each side, whichever provider's shape they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import xxhash

from crossfix.events.readers.json_fields import first, member, members, string
from crossfix.events.readers.services import service_of

_MODELS = (
    ("openai", ("gpt", "o1", "o3", "o4", "chatgpt", "text-", "davinci", "dall-e", "codex", "sora")),
    ("anthropic", ("claude",)),
    ("google", ("gemini", "palm", "gemma", "bison", "imagen", "veo")),
    ("mistral", ("mistral", "mixtral", "codestral", "ministral", "magistral", "pixtral")),
    ("xai", ("grok",)),
    ("deepseek", ("deepseek",)),
    ("cohere", ("command",)),
    ("perplexity", ("sonar", "pplx")),
)
_REFUSALS = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "blocklist"})
_BLOCKS = frozenset(
    {"content_policy_violation", "content_filter", "invalid_prompt", "moderation_blocked"}
)


def service_of_model(model: str | None, provider: str | None) -> str:
    """Return the AI service behind a call: the provider it names, else who makes such a model."""
    if provider and (named := service_of(provider)):
        return named
    name = (model or "").lower()
    maker, slash, rest = name.partition("/")
    if slash and maker and rest:
        return service_of(maker)
    for service, prefixes in _MODELS:
        if name.startswith(prefixes):
            return service
    return "ai"


@dataclass(frozen=True)
class Call:
    """A tool that the model asked for, with its arguments as JSON text."""

    name: str
    arguments: str | None


@dataclass(frozen=True)
class Turn:
    """One message of one side; ``refused`` where the model or its provider would not answer."""

    role: str
    text: str | None
    refused: bool = False
    finish: str | None = None
    calls: tuple[Call, ...] = ()


def turns_of(messages: Any) -> list[Turn]:
    """Return the turns of a request: a text, a list of messages, or a list of input items."""
    if isinstance(messages, str):
        return [Turn("user", string(messages))]
    return [turn for each in members(messages) if (turn := _turn(each)) is not None]


def _turn(message: Any) -> Turn | None:
    if isinstance(message, str):
        return Turn("user", string(message))
    if string(message, "type") in ("function_call", "tool_use", "custom_tool_call"):
        return Turn("assistant", None, calls=_calls([message]))
    role = string(message, "role") or string(message, "sender") or string(message, "from")
    if role is None:
        return None
    role = {"human": "user", "model": "assistant", "gpt": "assistant"}.get(role, role)
    content = member(message, "content")
    if content is None:
        content = member(message, "parts")
    if content is None:
        content = string(message, "text") or string(message, "value")
    refusal = string(message, "refusal") or _refusal(content)
    calls = [*members(message, "tool_calls"), member(message, "function_call")]
    calls += [part for part in members(content) if string(part, "type") == "tool_use"]
    return Turn(role, text_of(content) or refusal, bool(refusal), None, _calls(calls))


def text_of(content: Any) -> str | None:
    """Return the text in a content: text, or a list of parts of which some are text."""
    if isinstance(content, str):
        return string(content)
    found = (string(part) or string(part, "text") for part in members(content))
    return "\n".join(text for text in found if text) or None


def _refusal(content: Any) -> str | None:
    found = (string(part, "refusal") for part in members(content))
    return next((text for text in found if text), None)


def _calls(values: list[Any]) -> tuple[Call, ...]:
    found = []
    for value in values:
        named = member(value, "function") if isinstance(member(value, "function"), dict) else value
        name = string(named, "name")
        if name is None:
            continue
        said = member(named, "arguments")
        said = member(named, "input") if said is None else said
        if said is not None and not isinstance(said, str):
            said = msgspec.json.encode(said).decode()
        found.append(Call(name, string(said)))
    return tuple(found)


def answers_of(response: Any) -> list[Turn]:
    """Return the turns with which a model answered, one for each choice."""
    if isinstance(response, str):
        return [Turn("assistant", string(response))]
    if blocked := _blocked(member(response, "error")):
        return [blocked]
    found = [
        turn
        for choice in members(response, "choices")
        if (turn := _choice(choice, string(choice, "finish_reason"))) is not None
    ]
    for item in members(response, "candidates"):
        turn, finish = _turn(member(item, "content")), string(item, "finishReason")
        found.append(_ended(turn or Turn("assistant", None), finish))
    output = [turn for item in members(response, "output") if (turn := _turn(item)) is not None]
    status = first(response, "incomplete_details.reason", "status")
    found += [_ended(turn, status) for turn in output]
    if string(response, "role") == "assistant" and (turn := _turn(response)) is not None:
        found.append(_ended(turn, string(response, "stop_reason")))
    return found


def _choice(choice: Any, finish: str | None) -> Turn | None:
    message = member(choice, "message")
    if message is None:
        text = string(choice, "text")
        return _ended(Turn("assistant", text), finish) if text or finish else None
    turn = _turn({"role": "assistant", **message}) if isinstance(message, dict) else None
    return _ended(turn, finish) if turn else None


def _ended(turn: Turn, finish: str | None) -> Turn:
    refused = turn.refused or (finish or "").lower() in _REFUSALS
    return Turn("assistant", turn.text, refused, finish, turn.calls)


def _blocked(error: Any) -> Turn | None:
    """Return the refusal that a provider's error is, if it refused for the content."""
    code = first(error, "code", "type")
    if code not in _BLOCKS:
        return None
    return Turn("assistant", string(error, "message"), refused=True, finish=code)


def template_of(beside: list[str], turns: list[Turn]) -> str | None:
    """Return the hash of the system prompt: what one application says to all its users."""
    among = [turn.text for turn in turns if turn.role in ("system", "developer") and turn.text]
    said = list(dict.fromkeys([*beside, *among]))
    if not said:
        return None
    return f"system:{xxhash.xxh3_64_hexdigest(chr(10).join(said).encode('utf-8', 'replace'))}"
