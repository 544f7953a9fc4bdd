"""What goes with a gateway to watch it: metrics, alerts, events over HTTP, the push of calls."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from crossfix.config import Settings
from crossfix.errors import CrossfixError, SettingError
from crossfix.guard.access import Access
from crossfix.guard.alerts import Alert, Channel, Desk, Mail, Webhook
from crossfix.guard.alerts.webhook import secret_of
from crossfix.guard.asgi import Application, Receive, Scope, Send, only, plain, send_body, send_json
from crossfix.guard.ingest import Ingest, Intake
from crossfix.guard.keys import Keyring
from crossfix.guard.metrics import CONTENT_TYPE, Metrics
from crossfix.guard.monitor import Monitor
from crossfix.guard.wire.ask import Refusal
from crossfix.guard.witness import Witness
from crossfix.store.kept import sealing_log

if TYPE_CHECKING:
    from crossfix.events import Event
    from crossfix.guard.exchange import Parts
    from crossfix.guard.push import Push
    from crossfix.guard.workers.numbers import Numbers
    from crossfix.guard.workers.place import Place
    from crossfix.guard.workers.sharing import Sharing

LOOK_SECONDS = 5.0
"""How often to see whether something is degraded."""


class Monitoring:
    """Begins and ends with the gateway, and answers at paths of its own.

    Args:
        settings: all settings.
        parts: what is watched.
        keyring: who may send events and read metrics.
        open: whether no key is needed.
    """

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        keyring: Keyring,
        *,
        open: bool = False,
        place: Place | None = None,
    ) -> None:
        self._recorder, self._limiter = parts.recorder, parts.limiter
        self._standings = parts.guard.standings
        metrics = Metrics()
        self.desk = build_desk(settings, partial(metrics.count, "crossfix_alerts_total"))
        self.monitor = Monitor(
            metrics, self.desk, refusals=settings.alerts.refusals, began=time.time()
        )
        parts.guard.heard = self.monitor.heard
        if parts.raters is not None:
            parts.raters.missed = self._unrated
        self._access = Access(keyring, time.time, open=open)
        opened = partial(sealing_log, settings)
        self._intake = Intake(
            opened,
            most_waiting=settings.ingest.most_waiting,
            timed=lambda seconds, rows: metrics.time("crossfix_commit_seconds", seconds, "ingest"),
        )
        self._witness = Witness(parts.guard, self._recorder.put, parts.versions)
        self._ingest = Ingest(
            self._intake, self._access, time.time, self._witnessed,
            partial(metrics.count, "crossfix_ingested_total"),
            most_body=settings.ingest.most_body_bytes,
        )  # fmt: skip
        self._open_calls: Callable[[], int] = lambda: 0
        self._push = build_push(settings, metrics)
        self._looking: asyncio.Task[None] | None = None
        self._ready = False
        self._watch(metrics)
        content = None
        if settings.log.content and parts.guard.look is not None:
            content = content_of(parts.guard.look)
        self.parts = msgspec.structs.replace(parts, monitor=self.monitor, content=content)
        """The same parts, with what counts their calls."""
        self.sharing: Sharing | None = None
        self._numbers: Numbers | None = None
        if place is not None:
            self._among(place, metrics)

    def _among(self, place: Place, metrics: Metrics) -> None:
        """Have this worker know what others see, and tell the numbers of all."""
        from crossfix.guard.workers.numbers import Numbers
        from crossfix.guard.workers.sharing import Sharing

        sharing = self.sharing = Sharing(place, self.parts)
        self._numbers = Numbers(place, metrics)
        metrics.watch("crossfix_workers_untold_total", lambda: sharing.channel.lost)

    def _witnessed(self, event: Event, now: float) -> None:
        self._witness.take(event, now)
        if self.sharing is not None:
            self.sharing.witnessed(event)

    def routes(self) -> dict[str, Application]:
        """Return what answers at which path."""
        return {
            "/v1/events": only(self._ingest.events, "POST"),
            "/v1/traces": only(self._ingest.traces, "POST"),
            "/metrics": only(self._metrics, "GET", "HEAD"),
            "/readyz": only(self._readiness, "GET", "HEAD"),
        }  # fmt: skip

    def counts_open(self, open_calls: Callable[[], int]) -> None:
        """Take over how many calls are under way."""
        self._open_calls = open_calls

    async def start(self) -> None:
        """Begin.

        Raises:
            StoreError: the event log cannot be opened.
        """
        await self._intake.start()
        if self.desk is not None:
            await self.desk.start()
        if self._push is not None:
            self._push.start()
            self._recorder.taps.append(self._push.take)
        if self.sharing is not None:
            await self.sharing.start()
        if self._numbers is not None:
            self._numbers.start()
        self._looking = asyncio.create_task(self._look())
        self._ready = True

    async def stop(self) -> None:
        """End; what waits is delivered first, as far as it goes in a few seconds."""
        self._ready = False
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await self._intake.stop()
        if self.sharing is not None:
            await self.sharing.stop()
        if self._numbers is not None:
            await self._numbers.stop()
        if self._push is not None:
            await self._push.stop()
        if self.desk is not None:
            await self.desk.stop()

    def _unrated(self, why: str) -> None:
        self.monitor.degraded("classifier", time.time(), why)

    async def _look(self) -> None:
        """See whether the record or the shared limits are degraded; they say nothing themselves."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._recorder.degraded is not None:
                self.monitor.degraded("record", time.time(), self._recorder.degraded)
            if self._limiter.degraded:
                self.monitor.degraded("limits", time.time())

    async def _metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(refusal := self._access.ask(scope, "metrics"), Refusal):
            await send_json(send, refusal.status, list(refusal.headers), plain(refusal))
            return
        text = self._numbers.text() if self._numbers else self.monitor.metrics.text()
        await send_body(send, 200, [(b"content-type", CONTENT_TYPE)], text.encode())

    async def _readiness(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say whether requests should come here: the state of what they need, without details."""
        checks = {
            "started": self._ready,
            "record": self._recorder.degraded is None,
            "ingest": self._intake.room(),
        }
        ok = all(checks.values())
        await send_json(send, 200 if ok else 503, [], {"ok": ok, "checks": checks})

    def _watch(self, metrics: Metrics) -> None:
        recorder, began = self._recorder, time.time()
        metrics.watch("crossfix_open_calls", lambda: self._open_calls())
        metrics.watch("crossfix_events_waiting", lambda: {
            ("recorded",): recorder.waiting, ("ingested",): self._intake.waiting})  # fmt: skip
        metrics.watch("crossfix_events_lost_total", lambda: recorder.lost)
        metrics.watch("crossfix_record_degraded", lambda: int(recorder.degraded is not None))
        metrics.watch("crossfix_limits_fallback", lambda: int(self._limiter.degraded))
        metrics.watch("crossfix_start_time_seconds", lambda: began)
        standings = self._standings
        metrics.watch("crossfix_accounts", lambda: {
            (state,): n for state, n in standings.states(time.time()).items()})  # fmt: skip


def build_desk(settings: Settings, counted: Callable[[str, str], None]) -> Desk | None:
    """Return where alerts are raised; nothing where no setting says where they go.

    Raises:
        SettingError: an address or a secret is missing.
    """
    channels = channels_of(settings, os.environ)
    if not channels:
        return None
    given = settings.alerts
    return Desk(
        channels, time.time, dead=partial(_dead_letter, settings), counted=counted,
        window_seconds=given.window_seconds, most_per_hour=given.most_per_hour, least=given.least,
    )  # fmt: skip


def channels_of(settings: Settings, environment: Mapping[str, str]) -> list[Channel]:
    """Return the ways to operators that the settings describe.

    Raises:
        SettingError: an address or a secret is missing.
    """
    found: list[Channel] = []
    if settings.alerts.to:
        found.append(mail_of(settings, environment))
    for name, hook in settings.alerts.webhooks.items():
        url = environment.get(hook.url_variable or "") if hook.url_variable else hook.url
        if not url:
            raise SettingError(f"alerts.webhooks.{name} has no address: set url or url_variable.")
        secret = None
        if hook.secret is not None:
            secret = secret_of(environment.get(hook.secret, ""), hook.secret)
        found.append(Webhook(name, url, time.time, format=hook.format, secret=secret))
    return found


def mail_of(settings: Settings, environment: Mapping[str, str]) -> Mail:
    """Return the mailbox that alerts go to.

    Raises:
        SettingError: there is no mail server, or its password is missing.
    """
    smtp = settings.smtp
    if smtp.url is None:
        raise SettingError("alerts.to needs a mail server: set smtp.url.")
    scheme, _, rest = smtp.url.rstrip("/").partition("://")
    host, _, port = rest.partition(":")
    password = environment.get(smtp.password) if smtp.password else None
    if smtp.password and password is None:
        raise SettingError(f"The environment variable {smtp.password} of smtp is not set.")
    return Mail(
        host, int(port or (465 if scheme == "smtps" else 587)), smtp.sender, settings.alerts.to,
        security="tls" if scheme == "smtps" else "starttls", user=smtp.user, password=password,
    )  # fmt: skip


def _dead_letter(settings: Settings, channel: str, alert: Alert, why: str) -> None:
    """Write an alert that nobody took into the journal."""
    from crossfix.guard.alerts.alert import payload
    from crossfix.store.journal import open_journal

    with suppress(CrossfixError), open_journal(settings.url("journal")) as journal:
        journal.append(
            who="guard", what="alert undelivered", why=why, now=datetime.now(UTC),
            details={"channel": channel, "alert": payload(alert)},
        )  # fmt: skip


def build_push(
    settings: Settings, metrics: Metrics, environment: Mapping[str, str] | None = None
) -> Push | None:
    """Return what pushes events to a collector; nothing where no setting names one.

    Raises:
        SettingError: the variable of its headers is not set.
    """
    given = settings.export
    if given.otlp is None:
        return None
    from crossfix.guard.push import Push, headers_of

    said = (os.environ if environment is None else environment).get(given.headers or "", "")
    if given.headers and not said:
        raise SettingError(
            f"The environment variable {given.headers} of export.headers is not set.",
            hint=f"Run: export {given.headers}=name=value",
        )
    headers = headers_of(said)
    return Push(
        given.otlp, headers, content=given.content,
        counted=partial(metrics.count, "crossfix_exported_total", "otlp"),
    )  # fmt: skip


def content_of(look: Callable[[str, Any], Any]) -> Callable[[tuple[str, ...]], dict[str, str]]:
    """Return what says in the log what was asked, without secrets and personal data."""
    from crossfix.guard.logs import LEFT_OUT, without_secrets

    def places(text: str) -> list[tuple[int, int]]:
        found = [f for f in look(text, "completion") if f.check in ("secret", "personal")]
        if any(f.start is None or f.end is None or f.disguise for f in found):
            return [(0, len(text))]  # where it stands is not known
        return [(f.start, f.end) for f in found]

    def content(texts: tuple[str, ...]) -> dict[str, str]:
        try:
            return {"text": without_secrets("\n".join(texts), places)}
        except Exception:  # a check that fails must not let anything by
            return {"text": LEFT_OUT}

    return content


__all__ = ["Monitoring", "build_desk", "build_push", "channels_of", "content_of", "mail_of"]
