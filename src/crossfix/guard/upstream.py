"""The model APIs behind the gateway: which one serves a model, and how it is spoken to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from crossfix.config.gateway import UpstreamSettings
from crossfix.errors import SettingError
from crossfix.extras import need
from crossfix.guard.origin import Origin
from crossfix.guard.response import Response, SlowConnectError, UnreachableError
from crossfix.guard.wire.ask import Refusal

if TYPE_CHECKING:
    from crossfix.guard.connections import Connections

Headers = list[tuple[bytes, bytes]]

_FAILURES_UNTIL_DOWN = 3
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_RANKED = 1_000

_KEPT_FROM_CLIENT = frozenset(
    {b"host", b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization",
     b"proxy-authenticate", b"te", b"trailer", b"transfer-encoding", b"upgrade",
     b"content-length", b"accept-encoding", b"cookie", b"expect", b"forwarded", b"x-real-ip"}
)  # fmt: skip
_KEPT_FROM_UPSTREAM = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"te", b"trailer", b"upgrade",
     b"transfer-encoding", b"content-length", b"content-encoding", b"set-cookie", b"date",
     b"server", b"alt-svc", b"strict-transport-security"}
)  # fmt: skip
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
_CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"api-key"})
_OURS = (b"x-crossfix-", b"x-forwarded-")
# Compressed answers would have to be opened to be read; the way is short.
_UNPACKED = (b"accept-encoding", b"identity")


class UpstreamError(Exception):
    """The upstream gave no answer that can be passed on; ``refusal`` is what the client is told."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Upstream:
    """One model API, with its health as its answers show it.

    Three failures to connect in a row take it out of service for a second; each further one
    doubles the pause, up to half a minute. Then one request tries it again.
    """

    def __init__(self, name: str, settings: UpstreamSettings, environment: Mapping[str, str]):
        self.name = name
        self.url = settings.url.rstrip("/")
        try:
            self.origin = Origin(self.url)
        except ValueError as e:  # of a part of the address: a port that is none
            raise SettingError(f"The upstream {name} has no address that can be asked.") from e
        self.models = settings.models
        self.key: str | None = None
        if settings.key is not None:
            self.key = environment.get(settings.key)
            if not self.key:
                raise SettingError(
                    f"The environment variable {settings.key} of the upstream {name} is not set.",
                    hint=f"Run: export {settings.key}=...",
                )
        self._failures = 0
        self._down_until = 0.0

    def path(self, path: str) -> str:
        """Return a path below ``/v1`` as it is at this upstream, below its own."""
        own = self.origin.path
        if own.endswith("/v1") or (own and not path.startswith("/v1/messages")):
            return path.removeprefix("/v1")
        return path

    def address(self, path: str) -> str:
        """Return the whole address of a path below ``/v1``."""
        return self.url + self.path(path)

    def up(self, now: float) -> bool:
        """Say whether requests should go here."""
        return now >= self._down_until

    def failed(self, now: float) -> None:
        """Note that it could not be reached."""
        self._failures += 1
        if self._failures >= _FAILURES_UNTIL_DOWN:
            pause = _FIRST_PAUSE_SECONDS * 2.0 ** (self._failures - _FAILURES_UNTIL_DOWN)
            self._down_until = now + min(pause, _LONGEST_PAUSE_SECONDS)

    def answered(self) -> None:
        """Note that it answered."""
        self._failures, self._down_until = 0, 0.0


class Upstreams:
    """All upstreams of one worker, and the connections to them.

    Args:
        settings: the upstreams by name, in the order of preference.
        clock: seconds that only go on, for health.
        environment: where keys stand.
        connect_seconds, silence_seconds: how long to wait for a connection, and for the beginning
            of an answer or its next part.
    """

    def __init__(
        self,
        settings: Mapping[str, UpstreamSettings],
        clock: Callable[[], float],
        environment: Mapping[str, str] | None = None,
        *,
        connect_seconds: float = 10.0,
        silence_seconds: float = 300.0,
    ) -> None:
        env = os.environ if environment is None else environment
        self.all = tuple(Upstream(name, s, env) for name, s in settings.items())
        self._clock = clock
        self._connect = connect_seconds
        self._silence = silence_seconds
        self._connections: Connections | None = None
        self._ranked: dict[str, tuple[Upstream, ...]] = {}

    async def open(self) -> None:
        """Make ready to connect; belongs to the running event loop."""
        need("guard")
        from crossfix.guard.connections import Connections

        # No limit here: streams last long, and the gateway has limits of its own.
        self._connections = Connections(self._connect, self._silence)

    async def close(self) -> None:
        """Let go of all connections."""
        if self._connections is not None:
            await self._connections.close()

    def serving(self, model: str) -> list[Upstream]:
        """Return the upstreams of a model: the most exact pattern first, those in service first.

        Without a model (a list of models, an unknown path) all of them may serve.
        """
        ranked = self._ranked.get(model)
        if ranked is None:
            if len(self._ranked) >= _MOST_RANKED:  # clients write there what they like
                self._ranked.clear()
            ranked = self._ranked[model] = self._rank(model)
        now = self._clock()
        return sorted(ranked, key=lambda upstream: not upstream.up(now))

    def _rank(self, model: str) -> tuple[Upstream, ...]:
        """Return the upstreams of a model, the most exact pattern first."""
        ranked = []
        for place, upstream in enumerate(self.all):
            exact = max((_exactness(p, model) for p in upstream.models), default=-1)
            if exact >= 0 or not model:
                ranked.append((-exact, place, upstream))
        return tuple(upstream for *_, upstream in sorted(ranked, key=lambda r: r[:2]))

    async def send(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes | None,
        *,
        model: str,
        anthropic: bool,
    ) -> tuple[Response, Upstream]:
        """Return the beginning of an upstream's answer.

        A request goes to another upstream only where it has not begun: no connection was made.
        What asks for nothing to be done (GET), or bears an idempotency key, is tried again where
        the connection was lost, too.

        Raises:
            UpstreamError: there is no answer.
        """
        candidates = self.serving(model)
        if not candidates:
            raise UpstreamError(_no_model(model))
        given = list(headers)
        last: Refusal = _UNREACHABLE
        for upstream in candidates if len(candidates) > 1 else candidates * 2:
            try:
                response = await self._once(
                    upstream, method, path, query, given, body, anthropic=anthropic
                )
            except UnreachableError:
                upstream.failed(self._clock())
                last = _UNREACHABLE
            except TimeoutError as e:
                upstream.failed(self._clock())
                if not isinstance(e, SlowConnectError):
                    raise UpstreamError(_SLOW) from e
                last = _SLOW
            except OSError as e:
                upstream.failed(self._clock())
                if method != "GET" and not any(n == b"idempotency-key" for n, _ in given):
                    raise UpstreamError(_LOST) from e
                last = _LOST
            except ValueError as e:
                raise UpstreamError(_LOST) from e
            else:
                upstream.answered()
                if not 200 <= response.status < 600:
                    response.close()
                    raise UpstreamError(GARBAGE)
                return response, upstream
        raise UpstreamError(last)

    async def _once(
        self,
        upstream: Upstream,
        method: str,
        path: str,
        query: bytes,
        headers: list[tuple[bytes, bytes]],
        body: bytes | None,
        *,
        anthropic: bool,
    ) -> Response:
        assert self._connections is not None
        sent = _sent(headers, upstream.key, anthropic)
        return await self._connections.request(
            upstream.origin, method, upstream.path(path), query, sent, body or b""
        )


def _exactness(pattern: str, model: str) -> int:
    if pattern.endswith("*"):
        return len(pattern) - 1 if model.startswith(pattern[:-1]) else -1
    return 1_000 if pattern == model else -1


def _sent(headers: Headers, key: str | None, anthropic: bool) -> Headers:
    """Return the headers for an upstream; the client's credentials only where it has no key."""
    sent = [
        (name, value)
        for name, value in headers
        if name not in _KEPT_FROM_CLIENT
        and not name.startswith(_OURS)
        and (key is None or name not in _CREDENTIALS)
    ]
    if key is not None:
        own = key.encode()
        sent.append((b"x-api-key", own) if anthropic else (b"authorization", b"Bearer " + own))
    sent.append(_UNPACKED)
    return sent


def passed_back(response: Response) -> Headers:
    """Return the headers of an answer that the client gets."""
    return [
        (name, value)
        for name, value in response.raw_headers
        # What cannot stand in a header would end the answer without a word.
        if name not in _KEPT_FROM_UPSTREAM and not _CONTROL(value)
    ]


async def whole(response: Response, most_bytes: int) -> bytes:
    """Return the whole body of an answer.

    Raises:
        UpstreamError: it was cut, is too long or too slow.
    """
    try:
        body = await response.read(most_bytes)
    except TimeoutError as e:
        raise UpstreamError(_SLOW) from e
    except (OSError, ValueError) as e:
        raise UpstreamError(_CUT) from e
    if body is None:
        raise UpstreamError(_TOO_LONG)
    return body


def outside(status: int, code: str, message: str) -> Refusal:
    """Return the refusal that says that something is wrong with the upstream."""
    return Refusal(status=status, code=code, kind="outside", message=message)


def _no_model(model: str) -> Refusal:
    return Refusal(
        status=404, code="model_not_found", kind="missing", param="model",
        message=f"No upstream of this gateway serves the model {model!r}.",
    )  # fmt: skip


_UNREACHABLE = outside(502, "upstream_unreachable", "The model API cannot be reached.")
_SLOW = outside(504, "upstream_timeout", "The model API did not answer in time.")
_LOST = outside(502, "upstream_lost", "The model API closed the connection without an answer.")
_CUT = outside(502, "upstream_cut", "The model API broke off in the middle of its answer.")
_TOO_LONG = outside(502, "upstream_too_long", "The model API's answer is longer than is allowed.")
GARBAGE = outside(502, "upstream_garbage", "The model API answered with something that is no JSON.")
CUT, SLOW = _CUT, _SLOW
