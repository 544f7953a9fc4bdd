"""A LiteLLM guardrail that asks crossfix; needs LiteLLM, which this package does not install.

In LiteLLM's ``config.yaml``::

    guardrails:
      - guardrail_name: crossfix
        litellm_params:
          guardrail: crossfix.guard.shells.litellm_hook.CrossfixGuardrail
          mode: [pre_call, post_call]
          default_on: true

with the address in ``CROSSFIX_GUARD_URL`` and a key in ``CROSSFIX_GUARD_KEY``.
"""

from __future__ import annotations

import os
from typing import Any

from fastapi import HTTPException
from litellm.integrations.custom_guardrail import CustomGuardrail

from crossfix.errors import OutsideError
from crossfix.guard.shells.sdk import AsyncCrossfixClient, Decided


class CrossfixGuardrail(CustomGuardrail):  # type: ignore[misc]
    """Asks before a call and about its answer; the account is LiteLLM's end user, user or key.

    Where crossfix does not answer, calls are refused, or with ``CROSSFIX_GUARD_OPEN=1`` let by.
    """

    def __init__(self, **options: Any) -> None:
        self._url = os.environ.get("CROSSFIX_GUARD_URL", "http://127.0.0.1:8080")
        self._key = os.environ.get("CROSSFIX_GUARD_KEY", "")
        self._open = os.environ.get("CROSSFIX_GUARD_OPEN") == "1"
        super().__init__(**options)

    async def apply_guardrail(
        self, inputs: Any, request_data: dict[str, Any], input_type: str, logging_obj: Any = None
    ) -> Any:
        """Ask about texts on their way in or out; raise where they may not go on."""
        action = "completion" if input_type == "response" else "prompt"
        texts = [text for text in inputs.get("texts") or () if isinstance(text, str)]
        model = str(inputs.get("model") or request_data.get("model") or "")
        await self._ask(_account(request_data), texts, action, model)
        return inputs

    async def _ask(self, account: str, texts: list[str], action: str, model: str) -> None:
        try:
            async with AsyncCrossfixClient(self._url, self._key) as client:
                decided = await client.decide(
                    account=account, texts=texts, action=action, model=model[:256]
                )
        except OutsideError as e:
            if self._open:
                return
            raise HTTPException(503, {"error": "The guard does not answer."}) from e
        if not decided.allowed:
            raise HTTPException(decided.status, _detail(decided))


def _account(data: dict[str, Any]) -> str:
    metadata = data.get("metadata") or data.get("litellm_metadata") or {}
    for name in ("user_api_key_end_user_id", "user_api_key_user_id", "user_api_key_hash"):
        if isinstance(metadata.get(name), str) and metadata[name]:
            return str(metadata[name])[:256]
    user = data.get("user")
    return user[:256] if isinstance(user, str) and user else "litellm"


def _detail(decided: Decided) -> dict[str, Any]:
    return {
        "error": decided.message,
        "code": decided.code,
        "guard": {"decision": decided.decision, "ref": decided.ref, "reasons": decided.reasons},
    }
