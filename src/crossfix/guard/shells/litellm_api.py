"""LiteLLM's generic guardrail API: a LiteLLM proxy asks here before and after each call."""

from __future__ import annotations

from typing import Any

import msgspec

from crossfix.events import Action
from crossfix.guard.access import Access
from crossfix.guard.asgi import (
    ClientLeftError,
    Receive,
    Scope,
    Send,
    TooLargeError,
    plain,
    read_body,
    send_json,
)
from crossfix.guard.recorder import UnrecordedError
from crossfix.guard.request import Request
from crossfix.guard.shells.decide_api import MOST_BODY_BYTES
from crossfix.guard.shells.desk import Desk
from crossfix.guard.wire import Refusal

PATH = "/beta/litellm_basic_guardrail_api"
"""What LiteLLM adds to the ``api_base`` of a ``generic_guardrail_api``."""


class Asking(msgspec.Struct, frozen=True):
    """Whose call it is, as LiteLLM knows them."""

    user_api_key_hash: str | None = None
    user_api_key_user_id: str | None = None
    user_api_key_end_user_id: str | None = None
    user_api_key_org_id: str | None = None
    user_api_key_team_id: str | None = None


class GuardrailQuestion(msgspec.Struct):
    """What LiteLLM asks: may these texts go to the model, or come from it."""

    input_type: str
    request_data: Asking = Asking()
    texts: list[str] | None = None
    images: list[str] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    litellm_call_id: str | None = None
    litellm_trace_id: str | None = None
    model: str | None = None


_decode = msgspec.json.Decoder(GuardrailQuestion).decode


class LitellmApi:
    """Answers LiteLLM with ``NONE`` or ``BLOCKED`` and a reason."""

    def __init__(self, desk: Desk, access: Access) -> None:
        self._desk = desk
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        key = self._access.ask(scope, "decide")
        if isinstance(key, Refusal):
            await send_json(send, key.status, list(key.headers), plain(key))
            return
        try:
            question = _decode(await read_body(scope, receive, MOST_BODY_BYTES))
            request = self._request(question, key.id, key.organisation)
            verdict = await self._desk.ask(request)
        except ClientLeftError:
            return
        except (msgspec.MsgspecError, RecursionError, ValueError, TooLargeError):
            wrong = Refusal(
                status=400, code="invalid_request", kind="invalid",
                message="The body is not of LiteLLM's generic guardrail API.",
            )  # fmt: skip
            await send_json(send, 400, [], plain(wrong))
            return
        except UnrecordedError:
            await send_json(send, 503, [], {"action": "BLOCKED", "blocked_reason": "unavailable"})
            return
        if verdict.refusal is None:
            await send_json(send, 200, [], {"action": "NONE"})
        else:
            reason = verdict.refusal.message
            await send_json(send, 200, [], {"action": "BLOCKED", "blocked_reason": reason})

    def _request(self, question: GuardrailQuestion, key: str, organisation: str) -> Request:
        who, desk = question.request_data, self._desk
        native = who.user_api_key_end_user_id or who.user_api_key_user_id or who.user_api_key_hash
        action: Action = "completion" if question.input_type == "response" else "prompt"
        calls = [msgspec.json.encode(c).decode() for c in question.tool_calls or ()]
        return Request(
            id=(question.litellm_call_id or desk.new_id())[:64], service=desk.parts.service,
            account=desk.account((native or f"key:{key}")[:256]), action=action,
            model=(question.model or "")[:256], key=key,
            organisation=who.user_api_key_org_id or who.user_api_key_team_id or organisation,
            texts=(*(question.texts or ()), *calls), conversation=question.litellm_trace_id,
        )  # fmt: skip
