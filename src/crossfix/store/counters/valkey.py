"""Counters that processes share, in a Valkey or Redis server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from crossfix.errors import StoreError
from crossfix.extras import need
from crossfix.store.counters.counters import MOST_MEMBERS

_PREFIX = "crossfix:"
_TIMEOUT_SECONDS = 5.0

_INCREASE = """
local count = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return count
"""
# The server's clock, in microseconds, is the only one that all processes share.
_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""
_SEE = f"""{_NOW}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2] * 1000)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -{MOST_MEMBERS + 1})
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
"""
_DISTINCT = f"""{_NOW}
return redis.call('ZCOUNT', KEYS[1], '(' .. string.format('%.0f', now - ARGV[1] * 1000), '+inf')
"""


class ValkeyCounters:
    """Counts in a server, each call one script and so one round trip; threads may share it."""

    def __init__(self, url: str) -> None:
        need("valkey")
        import valkey

        try:
            server: Any = valkey.Valkey.from_url(
                url,
                socket_timeout=_TIMEOUT_SECONDS,
                socket_connect_timeout=_TIMEOUT_SECONDS,
            )
        except ValueError as e:
            raise StoreError(f"The URL of the counters' server is wrong: {e}") from e
        self._server = server
        self._increase = server.register_script(_INCREASE)
        self._see = server.register_script(_SEE)
        self._distinct = server.register_script(_DISTINCT)

    def increase(self, key: str, *, by: int = 1, expires_seconds: float) -> int:
        """Add to a count and return what it is now."""
        with _refusals():
            return int(self._increase([_PREFIX + "c:" + key], [by, _milliseconds(expires_seconds)]))

    def get(self, key: str) -> int:
        """Return a count, 0 where there is none or it is forgotten."""
        with _refusals():
            return int(self._server.get(_PREFIX + "c:" + key) or 0)

    def see(self, key: str, member: str, *, within_seconds: float) -> int:
        """Note that a member was seen now; return how many distinct ones were seen."""
        with _refusals():
            return int(self._see([_PREFIX + "m:" + key], [member, _milliseconds(within_seconds)]))

    def distinct(self, key: str, *, within_seconds: float) -> int:
        """Return how many distinct members were seen within the time."""
        with _refusals():
            return int(self._distinct([_PREFIX + "m:" + key], [_milliseconds(within_seconds)]))

    def forget(self, *keys: str) -> None:
        """Forget everything about some keys."""
        if keys:
            with _refusals():
                self._server.delete(*(f"{_PREFIX}{kind}:{k}" for kind in "cm" for k in keys))

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


@contextmanager
def _refusals() -> Iterator[None]:
    import valkey

    try:
        yield
    except valkey.ValkeyError as e:
        raise StoreError(f"The counters' server refused: {e}") from e
