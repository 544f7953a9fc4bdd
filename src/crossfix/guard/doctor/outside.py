"""Looks at what is elsewhere: model APIs, their clocks, mail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from crossfix.config.gateway import UpstreamSettings
from crossfix.errors import SettingError
from crossfix.guard.alerts import Mail, UndeliverableError
from crossfix.guard.doctor.line import Line, Patient, fail, ok, warn
from crossfix.guard.monitoring import channels_of
from crossfix.guard.upstream import Upstream

SECONDS = 5.0
SKEW_SECONDS = 30.0
"""Farther than this a clock is said to be wrong; signed headers end at five minutes."""

MOST_BYTES = 4 << 20


class Answer:
    """What a model API said when it was asked for its models."""

    def __init__(self, status: int, date: str, body: bytes) -> None:
        self.status = status
        self.date = date
        self.models = _models(body) if status == 200 else None


def upstreams(patient: Patient) -> Iterator[Line]:
    """See whether every model API answers, takes its key, and agrees about the time."""
    found = patient.settings.gateway.upstreams
    if not found:
        yield warn("upstream", "there is none", "Run: crossfix serve --upstream URL")
        return
    for name, given in found.items():
        yield from _upstream(name, given, patient)


def _upstream(name: str, given: UpstreamSettings, patient: Patient) -> Iterator[Line]:
    check = f"upstream {name}"
    try:
        upstream = Upstream(name, given, patient.environment)
    except SettingError as e:
        yield fail(check, e.message, e.hint or "", "input")
        return
    answer = asyncio.run(_asked(upstream))
    if isinstance(answer, str):
        yield fail(check, f"{given.url} cannot be reached: {answer}",
                   "See whether the address is right and a proxy or firewall is between.",
                   "outside")  # fmt: skip
        return
    yield _said(check, given, answer)
    if answer.date:
        yield from _clock(answer.date, patient.now)


def _said(check: str, given: UpstreamSettings, answer: Answer) -> Line:
    if answer.status in (401, 403):
        if given.key is None:
            return ok(check, f"{given.url} answers; it takes the keys that clients send")
        return fail(check, f"{given.url} refuses the key of {given.key} ({answer.status})",
                    f"Put a key that it takes into {given.key}.", "outside")  # fmt: skip
    if answer.status >= 500:
        return fail(check, f"{given.url} answers {answer.status}", "Ask its operator.", "outside")
    if answer.models is None:
        return warn(check, f"{given.url} answers {answer.status}, and lists no models",
                    "See whether the URL ends as its SDK takes it, mostly in /v1.")  # fmt: skip
    return ok(check, f"{given.url} answers and lists {answer.models:,} models")


def _clock(date: str, now: float) -> Iterator[Line]:
    try:
        ahead = now - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return
    # A Date header has whole seconds, and took its time to come.
    if abs(ahead) <= SKEW_SECONDS:
        yield ok("clock", "it agrees with that of the model API")
    else:
        yield warn("clock", f"it is {ahead:+,.0f} seconds from that of the model API",
                   "Set this machine's clock, by NTP.")  # fmt: skip


async def _asked(upstream: Upstream) -> Answer | str:
    import aiohttp

    headers = {"authorization": f"Bearer {upstream.key}"} if upstream.key else {}
    if "anthropic" in upstream.url:
        headers = {"x-api-key": upstream.key or "", "anthropic-version": "2023-06-01"}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.get(
                upstream.address("/v1/models"), headers=headers, allow_redirects=False
            ) as got,
        ):
            body = await got.content.read(MOST_BYTES)
            return Answer(got.status, got.headers.get("date", ""), body)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
        return type(e).__name__


def _models(body: bytes) -> int | None:
    try:
        listed = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return len(listed) if isinstance(listed, list) else None


def alerts(patient: Patient) -> Iterator[Line]:
    """See whether alerts have somewhere to go, and whether the mail server takes them."""
    try:
        channels = channels_of(patient.settings, patient.environment)
    except SettingError as e:
        yield fail("alerts", e.message, e.hint or "", "input")
        return
    if not channels:
        yield warn("alerts", "nobody is told of anything", "Set alerts.to, or alerts.webhooks.")
        return
    yield ok("alerts", f"they go to {', '.join(channel.name for channel in channels)}")
    for channel in channels:
        if isinstance(channel, Mail):
            try:
                channel.check()
            except UndeliverableError as e:
                yield fail("mail", str(e), "See smtp.url, smtp.user and smtp.password.", "outside")
            else:
                yield ok("mail", "the mail server answers")
