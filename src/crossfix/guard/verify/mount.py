"""Verification as a part of the gateway: where challenges lead, and what answers there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crossfix.accounts.standings import Standings
from crossfix.config import Settings
from crossfix.errors import CrossfixError
from crossfix.guard.asgi import Application, Receive, Scope, Send
from crossfix.guard.mail import Mailer
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.webhook import providers_of

if TYPE_CHECKING:
    from crossfix.accounts.standing import Tier
    from crossfix.events import Event
    from crossfix.guard.verify.raising import Raised
    from crossfix.guard.verify.site import Site

PREFIX = "/verify"


class VerifyMount:
    """Issues links for challenges, and answers at them.

    Most of it is made only when the first visitor comes: a gateway starts without it.

    Args:
        settings: all settings.
        secret: the secret key of this installation.
        standings: the guard's memory, which sees a new tier at once; it belongs to the loop.
        record: takes events in.
        clock: seconds since 1970 UTC.

    Raises:
        SettingError: a secret that the settings name is missing or is none.
    """

    def __init__(
        self,
        settings: Settings,
        secret: bytes,
        standings: Standings,
        record: Callable[[Event], Any],
        clock: Callable[[], float],
    ) -> None:
        # What is missing is said at the start, not to the first visitor.
        providers_of(settings.verify, os.environ)
        if settings.smtp.url is not None:
            Mailer(settings.smtp, os.environ)
        self._settings = settings
        self._secret = secret
        self._standings = standings
        self._record = record
        self._clock = clock
        self._tickets = Tickets(secret, settings.verify.ticket_minutes * 60.0)
        self._application: asyncio.Task[Application] | None = None
        self._site: Site | None = None
        gateway = settings.gateway
        self.lifted: Callable[[str, Tier, float | None], None] = lambda account, tier, until: None
        """Is told of every tier that was given here, for other workers."""
        self.address = settings.verify.url or f"http://{gateway.host}:{gateway.port}"

    async def close(self) -> None:
        """Let go of what the first visitor had made."""
        if self._application is not None:
            with suppress(CrossfixError):
                await self._application
        if self._site is not None:
            await asyncio.to_thread(self._site.close)
            self._site = None

    def listening(self, address: str) -> None:
        """Take over where the gateway listens, if no setting says where it is reached."""
        self.address = self._settings.verify.url or address

    def url(self, account: str, tier: str) -> str:
        """Return a link at which an account can show a tier."""
        ticket = self._tickets.issue(account, tier, self._clock())
        return f"{self.address.rstrip('/')}{PREFIX}/{ticket}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below ``/verify``."""
        if self._application is None or (
            self._application.done() and self._application.exception() is not None
        ):
            self._application = asyncio.create_task(self._made())
        application = await asyncio.shield(self._application)
        await application(scope, receive, send)

    async def _made(self) -> Application:
        loop = asyncio.get_running_loop()

        def tell(raised: Raised, now: float) -> None:
            loop.call_soon_threadsafe(self._told, raised, now)

        return await asyncio.to_thread(self._make, tell)

    def _make(self, tell: Callable[[Raised, float], None]) -> Application:
        from crossfix.guard.verify.building import build_site

        self._site = build_site(
            self._settings, self._secret, self._tickets, lambda: self.address, self._clock, tell
        )
        application: Application = self._site.application()
        return application

    def _told(self, raised: Raised, now: float) -> None:
        """Let the guard see a new tier, and the log know of it."""
        self._standings.lift(raised.account, raised.tier, raised.until, now)
        self.lifted(raised.account, raised.tier, raised.until)
        self._record(raised.event)
