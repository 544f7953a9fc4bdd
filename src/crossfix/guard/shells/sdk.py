"""The guard from Python: ask it over HTTP, or wrap an OpenAI client so that every call asks.

::

    guard = CrossfixClient("http://127.0.0.1:8080", key="cfx_...")
    verdict = guard.decide(account="anna", texts=["Hello."])
    client = guarded(openai.OpenAI(), guard, account=lambda: current_user.id)
"""

from __future__ import annotations

import http.client
import json
import urllib.parse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crossfix.errors import OutsideError
from crossfix.guard.shells.decided import Decided, RefusedError
from crossfix.guard.shells.wrapping import wrap

if TYPE_CHECKING:
    import aiohttp

TIMEOUT_SECONDS = 5.0


class CrossfixClient:
    """Asks ``POST /v1/decide`` of a gateway; each call opens a connection of its own.

    Args:
        url: address of the gateway.
        key: an API key of it that may ask for decisions.
        timeout_seconds: how long to wait for an answer.
    """

    def __init__(
        self, url: str, key: str = "", *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._url = urllib.parse.urlsplit(url)
        self._key = key
        self._timeout = timeout_seconds

    def decide(self, *, account: str, texts: Sequence[str] = (), **more: Any) -> Decided:
        """Return the decision about what an account is about to do.

        ``more`` are the other members of a question: ``action``, ``model``, ``tokens``,
        ``conversation``, ``id``, ``attributes``, ``language``.

        Raises:
            OutsideError: the guard cannot be reached, or refuses the question.
        """
        body = json.dumps({"account": account, "texts": list(texts), **more})
        secure = self._url.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._url.netloc, timeout=self._timeout)
        try:
            connection.request(
                "POST", f"{self._url.path.rstrip('/')}/v1/decide", body, _head(self._key)
            )
            answer = connection.getresponse()
            return _read(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as e:
            raise OutsideError(f"The guard cannot be reached: {e}") from e
        finally:
            connection.close()


class AsyncCrossfixClient:
    """`CrossfixClient` for asyncio, which keeps its connections; use it as a context."""

    def __init__(
        self, url: str, key: str = "", *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._url = url.rstrip("/") + "/v1/decide"
        self._key = key
        self._timeout = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> AsyncCrossfixClient:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=self._timeout)
        self._session = aiohttp.ClientSession(timeout=timeout, headers=_head(self._key))
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def decide(self, *, account: str, texts: Sequence[str] = (), **more: Any) -> Decided:
        """Return the decision about what an account is about to do."""
        import aiohttp

        if self._session is None:
            raise OutsideError("The client is not open.", hint="Use it in `async with`.")
        question = json.dumps({"account": account, "texts": list(texts), **more})
        try:
            async with self._session.post(self._url, data=question) as answer:
                return _read(answer.status, await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as e:
            raise OutsideError(f"The guard cannot be reached: {e}") from e


def guarded(
    client: Any, guard: CrossfixClient | AsyncCrossfixClient, *, account: Callable[[], str]
) -> Any:
    """Make a client of a model's API ask the guard before every call, and tell it the answer.

    Args:
        client: one of OpenAI's or Anthropic's SDK, synchronous or not; it is changed and returned.
        guard: what is asked; for an asynchronous client an `AsyncCrossfixClient`.
        account: who is asking, called at each call.

    It looks at chat completions, responses, completions, embeddings, moderations and messages, by
    whatever method of the client they are made, streams and copies of the client
    (``with_options``) among them. A refused call raises `RefusedError` and reaches no model; an
    answer that is refused raises it in the answer's place. Of a stream that is known at its end,
    when it was read: put the gateway before the model where it must not be.

    Raises:
        InputError: it is no such client, or one is asynchronous and the other not.
    """
    return wrap(client, guard, account)


def _head(key: str) -> dict[str, str]:
    head = {"content-type": "application/json"}
    return head | {"authorization": f"Bearer {key}"} if key else head


def _read(status: int, body: bytes) -> Decided:
    try:
        if status == 200:
            return msgspec.json.decode(body, type=Decided)
        said = str(json.loads(body)["errors"][0]["message"])
    except (msgspec.MsgspecError, ValueError, KeyError, IndexError, TypeError) as e:
        raise OutsideError(f"The guard answered {status} with something unexpected.") from e
    raise OutsideError(f"The guard answered {status}: {said}")


__all__ = ["AsyncCrossfixClient", "CrossfixClient", "Decided", "RefusedError", "guarded"]
