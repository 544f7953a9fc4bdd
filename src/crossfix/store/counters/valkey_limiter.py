"""Limits that processes share, in a Valkey or Redis server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from crossfix.errors import StoreError
from crossfix.extras import need
from crossfix.store.counters.limit_script import SETTLE, TAKE, leases, settling, taken, taking
from crossfix.store.counters.limiter import Ask, LimitAnswers

TIMEOUT_SECONDS = 0.25
"""How long a server may take: who waits for it is on the way to a model."""


class ValkeyLimiter:
    """Limits in a server, each call one round trip; threads may share it."""

    def __init__(self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        need("valkey")
        import valkey

        try:
            self._server: Any = valkey.Valkey.from_url(
                url, socket_timeout=timeout_seconds, socket_connect_timeout=timeout_seconds
            )
        except ValueError as e:
            raise StoreError(f"The URL of the counters' server is wrong: {e}") from e
        self._take = self._server.register_script(TAKE)
        self._settle = self._server.register_script(SETTLE)

    def take(self, asks: Sequence[Ask], now: float) -> LimitAnswers:
        """Ask limits and charge all of them, or none where one refuses; the server has the time."""
        if not asks:
            return LimitAnswers()
        with refusals():
            return taken([asks], self._take(*taking([asks])))[0]

    def settle(self, changes: Sequence[tuple[Ask, int]], now: float) -> None:
        """Charge rates what was used in the end."""
        keys, arguments = settling(changes)
        if keys:
            with refusals():
                self._settle(keys, arguments)

    def release(self, asks: Sequence[Ask], now: float) -> None:
        """Give leases back."""
        held = leases(asks)
        if held:
            with refusals(), self._server.pipeline(transaction=False) as calls:
                for key, member in held:
                    calls.zrem(key, member)
                calls.execute()

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a server's client raises into a `StoreError`."""
    import valkey

    try:
        yield
    except (valkey.ValkeyError, OSError, TimeoutError) as e:
        raise StoreError(f"The counters' server refused: {e}") from e
