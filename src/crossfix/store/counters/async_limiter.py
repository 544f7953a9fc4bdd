"""Limits for an event loop: what is asked in one turn of it goes to the server in one call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec

from crossfix.errors import StoreError
from crossfix.extras import need
from crossfix.store.counters.limit_script import SETTLE, TAKE, leases, settling, taken, taking
from crossfix.store.counters.limiter import Ask, LimitAnswers
from crossfix.store.counters.process_limiter import ProcessLimiter
from crossfix.store.counters.valkey_limiter import TIMEOUT_SECONDS, refusals

AGAIN_SECONDS = 1.0
"""How long a server that failed is left alone before it is asked again."""

_MOST_GROUPS = 256
_MOST_WAITING = 10_000
_Group = tuple[tuple[Ask, ...], "asyncio.Future[LimitAnswers]"]


class AsyncLimiter:
    """Limits shared through a server, and this process's own while the server does not answer.

    Without a URL they are this process's own from the start, and nothing is degraded. An instance
    belongs to one event loop.

    Args:
        url: the server's, or ``None``.
        clock: seconds since 1970 UTC, for this process's own limits.
        workers: how many processes count alike: while the server is away each has its share.
        on_degraded: told ``True`` when the server stops to answer, ``False`` when it is back.
    """

    def __init__(
        self,
        url: str | None,
        *,
        clock: Callable[[], float],
        timeout_seconds: float = TIMEOUT_SECONDS,
        again_seconds: float = AGAIN_SECONDS,
        on_degraded: Callable[[bool], None] | None = None,
        workers: int = 1,
    ) -> None:
        self._workers = workers
        self._own = ProcessLimiter()
        self._clock = clock
        self._timeout = timeout_seconds
        self._again = again_seconds
        self._on_degraded = on_degraded
        self._left_until = 0.0
        self._waiting: list[_Group] = []
        self._tasks = set[asyncio.Task[None]]()
        self._server: Any = _connected(url, timeout_seconds) if url else None
        if self._server is not None:
            self._script_take = self._server.register_script(TAKE)
            self._script_settle = self._server.register_script(SETTLE)
        self.degraded = False
        """Whether the server does not answer at present."""

    async def take(self, asks: Sequence[Ask]) -> LimitAnswers:
        """Ask limits and charge all of them, or none where one refuses."""
        if self._server is None or not asks:
            return self._own.take(asks, self._clock())
        if self._left() or len(self._waiting) >= _MOST_WAITING:
            return self._alone(asks)
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._flush)
        answer: asyncio.Future[LimitAnswers] = loop.create_future()
        self._waiting.append((tuple(asks), answer))
        return await answer

    def settle(self, changes: Sequence[tuple[Ask, int]], now: float) -> None:
        """Charge rates what was used in the end, without waiting for it to be done."""
        if self._server is None or self._left():
            self._own.settle([(self._share(ask), used) for ask, used in changes], now)
            return
        keys, arguments = settling(changes)
        if keys:
            self._begin(self._try(self._script_settle(keys, arguments)))

    def release(self, asks: Sequence[Ask], now: float) -> None:
        """Give leases back, without waiting for it to be done."""
        # A lease may have been taken here or there: it is given back in both places.
        self._own.release(asks, now)
        if self._server is not None and not self._left():
            for key, member in leases(asks):
                self._begin(self._try(self._server.zrem(key, member)))

    async def close(self) -> None:
        """Finish what was begun and let go of the connections."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self._timeout)
        for task in list(self._tasks):
            task.cancel()
        if self._server is not None:
            await self._server.aclose()

    def _left(self) -> bool:
        return self._clock() < self._left_until

    def _alone(self, asks: Sequence[Ask]) -> LimitAnswers:
        shares = [self._share(ask) for ask in asks]
        return LimitAnswers(self._own.take(shares, self._clock()).answers, degraded=True)

    def _share(self, ask: Ask) -> Ask:
        if self._workers == 1 or self._server is None:
            return ask
        return msgspec.structs.replace(ask, limit=max(1, ask.limit // self._workers))

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for first in range(0, len(waiting), _MOST_GROUPS):
            self._begin(self._ask(waiting[first : first + _MOST_GROUPS]))

    async def _ask(self, groups: list[_Group]) -> None:
        asked = [asks for asks, _ in groups]
        try:
            with refusals():
                async with asyncio.timeout(self._timeout):
                    said = await self._script_take(*taking(asked))
            answers = taken(asked, said)
        except StoreError:
            self._failed()
            answers = [self._alone(asks) for asks in asked]
        else:
            self._answered()
        for (_, answer), found in zip(groups, answers, strict=True):
            if not answer.done():  # whoever asked may have left
                answer.set_result(found)

    async def _try(self, call: Any) -> None:
        try:
            with refusals():
                async with asyncio.timeout(self._timeout):
                    await call
        except StoreError:
            self._failed()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop alone would let it be collected
        task.add_done_callback(self._tasks.discard)

    def _failed(self) -> None:
        self._left_until = self._clock() + self._again
        if not self.degraded:
            self.degraded = True
            if self._on_degraded is not None:
                self._on_degraded(True)

    def _answered(self) -> None:
        if self.degraded:
            self.degraded = False
            if self._on_degraded is not None:
                self._on_degraded(False)


def _connected(url: str, timeout_seconds: float) -> Any:
    need("valkey")
    import valkey.asyncio

    try:
        return valkey.asyncio.Valkey.from_url(
            url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds
        )
    except ValueError as e:
        raise StoreError(f"The URL of the counters' server is wrong: {e}") from e
