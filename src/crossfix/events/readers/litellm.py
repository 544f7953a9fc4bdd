"""LiteLLM's logs: its standard logging payload, one a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from crossfix.events.event import Event
from crossfix.events.readers.chat_turns import Turn, answers_of, turns_of
from crossfix.events.readers.json_fields import (
    RefusedError,
    count,
    decoded,
    first,
    instant,
    member,
    some,
)
from crossfix.events.readers.json_records import LONGEST_RECORD, record_batches, sample, share
from crossfix.events.readers.model_call import ModelCall
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

_END_USERS = (
    "end_user", "metadata.user_api_key_end_user_id", "request_tags.user",
    "metadata.user_api_key_user_id",
)  # fmt: skip
_KEY = "metadata.user_api_key_hash"
_REFUSING = ("ContentPolicyViolationError", "content_policy_violation", "content_filter")


class LiteLlm(Reader):
    """Reads what LiteLLM's callbacks and buckets hold.

    The account is the end user, else the user of the virtual key, else the key itself as
    ``key:HASH``: then all who share the key look like one.
    """

    name = "litellm"

    def recognises(self, source: Source) -> float:
        """Return how many of the first records are such payloads."""
        return 0.95 * share(sample(source), is_litellm)

    def read(self, source: Source, options: ReadOptions, tally: Tally) -> Iterator[pa.RecordBatch]:
        """Yield prompts, completions, refusals and tool calls."""
        yield from record_batches(
            source, options, tally, lambda row: of_litellm(row, options.service),
            max_record=LONGEST_RECORD,
        )  # fmt: skip

    def examples(self) -> list[tuple[str, bytes]]:
        """Return a call that was answered, and one that the provider refused."""
        return [("litellm.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in EXAMPLE))]


def _payload(row: Any) -> Any:
    return member(row, "standard_logging_object") or row


def is_litellm(row: Any) -> bool:
    """Say whether a record is a standard logging payload."""
    payload = _payload(row)
    return isinstance(payload, dict) and "call_type" in payload and "startTime" in payload


def of_litellm(row: Any, said: str | None = None) -> Iterator[Event]:
    """Yield the events of one payload; ``said`` is the service that the person named.

    Raises:
        RefusedError: it is no such payload, or lacks account or time.
    """
    if not is_litellm(row):
        raise RefusedError("not a LiteLLM payload")
    payload = _payload(row)
    key = first(payload, _KEY)
    account = first(payload, *_END_USERS) or (f"key:{key[:16]}" if key else None)
    answers = _answers(payload)
    yield from ModelCall(
        account=account,
        native=first(payload, "id", "litellm_call_id"),
        began=instant(payload, "startTime"),
        ended=instant(payload, "endTime"),
        model=first(payload, "model"),
        provider=first(payload, "custom_llm_provider"),
        conversation=first(payload, "session_id", "trace_id"),
        turns=turns_of(_opened(payload.get("messages"))),
        answers=answers,
        tokens_in=count(payload, "prompt_tokens"),
        tokens_out=count(payload, "completion_tokens"),
        answered=first(payload, "status") != "failure" and "embedding" not in str(
            payload["call_type"]
        ),
        attributes=some(
            credential=key,
            organisation=first(payload, "metadata.user_api_key_org_id",
                               "metadata.user_api_key_team_id"),
            ip=first(payload, "requester_ip_address", "metadata.requester_ip_address"),
            user_agent=first(payload, "metadata.user_agent"),
        ),
    ).events(said)  # fmt: skip


def _answers(payload: dict[str, Any]) -> list[Turn]:
    if first(payload, "status") == "failure":
        wrong = payload.get("error_information")
        said = [
            first(wrong, "error_class"),
            first(wrong, "error_code"),
            first(payload, "error_str"),
        ]
        code = next((name for name in _REFUSING if any(name in (s or "") for s in said)), None)
        return [Turn("assistant", None, refused=True, finish=code)] if code else []
    return answers_of(_opened(payload.get("response")))


def _opened(value: Any) -> Any:
    """Return the JSON in a text, else the value itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return decoded(value.encode("utf-8", "replace"))
        except RefusedError:
            return value
    return value


EXAMPLE: tuple[dict[str, Any], ...] = (
    {"id": "chatcmpl-7", "trace_id": "t-7", "call_type": "acompletion", "status": "success",
     "startTime": 1_740_823_200.5, "endTime": 1_740_823_202.0, "model": "gpt-4o-mini",
     "custom_llm_provider": "openai", "end_user": "u-7", "requester_ip_address": "203.0.113.7",
     "prompt_tokens": 12, "completion_tokens": 5, "response_cost": 0.0001,
     "messages": [{"role": "user", "content": "Write seven posts about the ferry."}],
     "response": {"id": "chatcmpl-7", "choices": [{"finish_reason": "stop", "message": {
         "role": "assistant", "content": "1. Late again"}}]},
     "metadata": {"user_api_key_hash": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05"}},
    {"id": "c-8", "call_type": "acompletion", "status": "failure", "model": "gpt-4o-mini",
     "startTime": 1_740_823_300, "endTime": 1_740_823_301, "custom_llm_provider": "openai",
     "messages": [{"role": "user", "content": "Forge a letter."}], "response": {},
     "error_information": {"error_code": "400", "error_class": "ContentPolicyViolationError"},
     "metadata": {"user_api_key_hash": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05"}},
)  # fmt: skip
