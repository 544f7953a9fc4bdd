"""The push of calls to an OpenTelemetry collector, behind the back of every answer."""

from __future__ import annotations

import asyncio
import gzip
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import unquote

import msgspec

import crossfix
from crossfix.events import Event
from crossfix.events.writers import Call, Calls, request_of
from crossfix.guard.alerts.alert import shown

EVERY_SECONDS = 5.0
WAIT_SECONDS = 60.0
"""How long a call may wait for its answer before it is told without."""

MOST_WAITING = 20_000
MOST_IN_REQUEST = 512
PAUSES_SECONDS = (1.0, 5.0, 20.0)
STOP_SECONDS = 5.0
_SECONDS = 10.0
_AGAIN = frozenset({408, 429, 502, 503, 504})

log = logging.getLogger("crossfix.export")


class Push:
    """Puts events together as calls and sends them in batches; belongs to one event loop.

    A collector that is away costs nothing but what is not exported: what waits is bounded.

    Args:
        url: where to, with its path.
        headers: sent along.
        content: whether texts go along.
        counted: told what became of calls (sent, failed, dropped) and how many.
        every, wait, pauses: seconds between batches, for an answer, between attempts.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        content: bool = False,
        counted: Callable[..., None] | None = None,
        every: float = EVERY_SECONDS,
        wait: float = WAIT_SECONDS,
        pauses: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._url = url
        self._headers = dict(headers)
        self._content = content
        self._counted = counted or (lambda result, by: None)
        self._every, self._wait, self._pauses = every, wait, tuple(pauses)
        self._calls = Calls(MOST_WAITING)
        self._ready: list[Call] = []
        self._task: asyncio.Task[None] | None = None

    def take(self, events: Sequence[Event]) -> None:
        """Take events in; never waits, never fails."""
        for event in events:
            self._calls.take(event)

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Send what waits, as far as it goes in a few seconds."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._collect(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._send_all()
        if self._ready:
            self._counted("dropped", by=len(self._ready))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            self._collect(time.time() - self._every)
            await self._send_all()

    def _collect(self, before: float | None) -> None:
        """Take out the calls that have ended, and those that waited too long."""
        now = time.time()
        for call in self._calls.ready(before):
            if call.ended or before is None or call.first.received.timestamp() < now - self._wait:
                self._ready.append(call)
            else:
                self._calls.put_back(call)
        if len(self._ready) > MOST_WAITING:
            lost = len(self._ready) - MOST_WAITING
            del self._ready[:lost]
            self._counted("dropped", by=lost)

    async def _send_all(self) -> None:
        while self._ready:
            batch = self._ready[:MOST_IN_REQUEST]
            sent = await self._try(batch)
            del self._ready[: len(batch)]
            self._counted("sent" if sent else "failed", by=len(batch))

    async def _try(self, batch: list[Call]) -> bool:
        request = request_of(batch, content=self._content, version=crossfix.__version__)
        body = gzip.compress(msgspec.json.encode(request), 1)
        for pause in (*self._pauses, None):
            why, again = await self._post(body)
            if not why:
                return True
            if not again or pause is None:
                break
            await asyncio.sleep(pause)
        log.warning("export failed", extra={"facts": {"why": shown(why), "calls": len(batch)}})
        return False

    async def _post(self, body: bytes) -> tuple[str, bool]:
        """Send one request; return why it failed, if it did, and whether to try again."""
        import aiohttp

        headers = {"content-type": "application/json", "content-encoding": "gzip", **self._headers}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as got,
            ):
                status = got.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
            return f"{type(e).__name__}: {e}", True
        return ("", False) if 200 <= status < 300 else (f"answered {status}", status in _AGAIN)


def headers_of(text: str) -> dict[str, str]:
    """Return headers as OpenTelemetry's environment variables write them: ``name=value,…``."""
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
