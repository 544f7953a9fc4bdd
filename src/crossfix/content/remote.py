"""Classifiers behind HTTP: moderation endpoints, and models that judge safety."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from crossfix.content.classifier import CATEGORIES
from crossfix.content.verdicts import POLICY, of_llama_guard, of_policy
from crossfix.errors import OutsideError

if TYPE_CHECKING:
    import aiohttp

LONGEST_ANSWER = 1 << 20
MOST_AT_ONCE = 8

Form = Literal["llama_guard", "policy"]


class _Endpoint:
    """One address of an OpenAI-compatible API that is asked with JSON."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        model: str,
        key: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._key = key
        self._model = model
        self._timeout = timeout_seconds

    async def _asked(self, path: str, body: dict[str, Any]) -> Any:
        """Return what is answered.

        Raises:
            OutsideError: nothing is, or not as it should be; the message has no text of a user.
        """
        headers = {"content-type": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        try:
            async with asyncio.timeout(self._timeout):
                async with self._session.post(
                    f"{self._url}{path}", data=msgspec.json.encode(body), headers=headers,
                    allow_redirects=False,
                ) as answer:  # fmt: skip
                    raw = await answer.content.read(LONGEST_ANSWER + 1)
                    while len(raw) <= LONGEST_ANSWER and (
                        more := await answer.content.read(LONGEST_ANSWER + 1 - len(raw))
                    ):
                        raw += more
                    if answer.status != 200:
                        raise OutsideError(f"The classifier answered with {answer.status}.")
        except TimeoutError:
            raise OutsideError("The classifier did not answer in time.") from None
        except (OSError, ValueError) as e:
            raise OutsideError(f"The classifier cannot be reached: {type(e).__name__}.") from None
        except Exception as e:
            if isinstance(e, OutsideError) or not type(e).__module__.startswith("aiohttp"):
                raise
            raise OutsideError(f"The classifier cannot be reached: {type(e).__name__}.") from None
        if len(raw) > LONGEST_ANSWER:
            raise OutsideError("The classifier's answer is too long.")
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            raise OutsideError("The classifier's answer is no JSON.") from None


class ModerationEndpoint(_Endpoint):
    """A service of the shape of OpenAI's ``/v1/moderations``; ``url`` ends in ``/v1``."""

    name = "moderation"

    async def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the endpoint's scores per category, as it names them.

        Raises:
            OutsideError: it cannot be reached, or did not answer as it should.
        """
        if not texts:
            return []
        body = {"model": self._model, "input": [_sendable(text) for text in texts]}
        answer = await self._asked("/moderations", body)
        try:
            results = msgspec.convert(answer["results"], list[_Result])
        except (KeyError, TypeError, msgspec.ValidationError):
            raise OutsideError("The classifier's answer has no scores.") from None
        if len(results) != len(texts):
            raise OutsideError("The classifier answered for another number of texts.")
        return [_scores(result) for result in results]


class _Result(msgspec.Struct):
    category_scores: dict[str, float | None]


def _scores(result: _Result) -> dict[str, float]:
    return {
        name: max(0.0, min(1.0, score))
        for name, score in result.category_scores.items()
        if score is not None
    }


class SafeguardModel(_Endpoint):
    """A model behind ``/v1/chat/completions`` that judges safety; ``url`` ends in ``/v1``.

    ``form`` is how it is asked and answers: ``llama_guard`` (Llama Guard: ``safe``, or ``unsafe``
    and hazard codes), ``policy`` (gpt-oss-safeguard, or any model that follows instructions: our
    policy goes before the text, and the answer is JSON).
    """

    name = "safeguard"

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, form: Form, **more: Any
    ) -> None:
        super().__init__(session, url, **more)
        self._form = form

    async def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the model's verdict on each text as scores.

        Raises:
            OutsideError: it cannot be reached, or did not answer as it should.
        """
        gate = asyncio.Semaphore(MOST_AT_ONCE)

        async def judged(text: str) -> dict[str, float]:
            async with gate:
                return await self._judged(text)

        return list(await asyncio.gather(*map(judged, texts)))

    async def _judged(self, text: str) -> dict[str, float]:
        messages = [{"role": "user", "content": _sendable(text)}]
        if self._form == "policy":
            fenced = json.dumps(_sendable(text), ensure_ascii=False)
            messages = [
                {"role": "system", "content": POLICY},
                {"role": "user", "content": f"The text to judge, as a JSON string:\n{fenced}"},
            ]
        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": 400}
        answer = await self._asked("/chat/completions", body)
        try:
            said = answer["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            said = None
        if not isinstance(said, str):
            raise OutsideError("The model's answer has no text.")
        scores = of_llama_guard(said) if self._form == "llama_guard" else of_policy(said)
        if scores is None:
            raise OutsideError("The model gave no verdict that can be read.")
        return {name: score for name, score in scores.items() if name in CATEGORIES}


def _sendable(text: str) -> str:
    """Return a text without halves of pairs, which no UTF-8 holds."""
    return text.encode("utf-8", "replace").decode()
