"""What begins and ends with a guard that serves: recording, renewals, connections."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from crossfix.errors import CrossfixError
from crossfix.guard.exchange import Parts
from crossfix.guard.reloading import Reloading
from crossfix.guard.renewal import EVERY_SECONDS, Renewal
from crossfix.guard.supervise import Together

if TYPE_CHECKING:
    from crossfix.guard.monitoring import Monitoring
    from crossfix.policy import Policy

RELOAD_SECONDS = 0.5
"""How often to see whether policies and indicators have changed."""

log = logging.getLogger("crossfix.gateway")


class Life:
    """Starts what a guard needs, keeps it as the registry and the policies are, and stops it.

    ``beside`` starts the processes that work beside this one, if this one is to have them;
    ``close`` lets go of the registry that is renewed from.
    """

    def __init__(
        self,
        parts: Parts,
        renewal: Renewal,
        reloading: Reloading,
        beside: Callable[[], Together] | None = None,
        close: Callable[[], object] = lambda: None,
    ) -> None:
        self._parts = parts
        self._renewal = renewal
        self._reloading = reloading
        self._beside = beside
        self._close = close
        self._process: Together | None = None
        self.recall: Callable[[], object] = lambda: None
        """Counts what policies counted before a restart; called once, when policies are known."""
        self._monitoring: Monitoring | None = None
        self._closing: list[Callable[[], Awaitable[None]]] = []
        self._renewing: asyncio.Task[None] | None = None
        self._reloads: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None

    def watched(self, monitoring: Monitoring) -> None:
        """Have something begin and end with the guard that watches it."""
        self._monitoring = monitoring
        self._renewal.heard = monitoring.monitor.stood
        monitoring.monitor.levels = self._reloading.levels

    def ends_with(self, closing: Callable[[], Awaitable[None]]) -> None:
        """Have something let go with the guard."""
        self._closing.append(closing)

    @property
    def policies(self) -> Sequence[Policy]:
        """The policies of the moment."""
        return self._reloading.policies

    async def ready(self) -> None:
        """Start unless that is done.

        Raises:
            CrossfixError: something cannot be opened or read.
        """
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start())
        if not self._starting.done():
            await asyncio.shield(self._starting)
        self._starting.result()

    async def _start(self) -> None:
        parts = self._parts
        await asyncio.to_thread(self._reloading.reload)
        try:
            await asyncio.to_thread(self.recall)
        except CrossfixError as e:  # they count from now on, as they would without a log
            log.warning(json.dumps({"event": "recall_failed", "error": str(e)}))
        await asyncio.to_thread(self._renewal.start, parts.clock())
        await parts.upstreams.open()
        if parts.raters is not None:
            await parts.raters.open()
        await parts.recorder.start()
        if self._monitoring is not None:
            await self._monitoring.start()
        if self._beside is not None:
            self._process = self._beside()
        self._renewing = asyncio.create_task(self._keep_new())
        self._reloads = asyncio.create_task(self._keep_reloaded())
        _fewer_collections()

    async def stop(self) -> None:
        """Keep what is to be kept, and let go."""
        if self._renewing is None:
            return
        self._renewing.cancel()
        if self._reloads is not None:
            self._reloads.cancel()
        parts = self._parts
        with suppress(CrossfixError):
            await asyncio.to_thread(self._renewal.renew, parts.clock(), whole=True)
        self._close()
        for closing in self._closing:
            await closing()
        if self._monitoring is not None:
            await self._monitoring.stop()
        if parts.raters is not None:
            await parts.raters.close()
        await parts.limiter.close()
        await parts.recorder.stop()
        await parts.upstreams.close()
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)

    async def _keep_new(self) -> None:
        renewal = self._renewal
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                now = self._parts.clock()
                # Only what waits for the database is done elsewhere: the guard is ours.
                given = renewal.collect()
                renewal.apply(await asyncio.to_thread(renewal.exchange, given, now), now)
            except (CrossfixError, OSError) as e:
                # What was held before holds on.
                log.warning(json.dumps({"event": "renewal_failed", "error": str(e)}))

    async def _keep_reloaded(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            try:
                await asyncio.to_thread(self._reloading.reload)
            except (CrossfixError, OSError) as e:
                log.warning(json.dumps({"event": "reload_failed", "error": str(e)}))


def _fewer_collections() -> None:
    """Let the garbage collector pass over what stays, and look less often at what comes and goes.

    A request makes no cycles worth a collection every 700 objects, which took a tenth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
