"""Looks at what settings name: files, secrets in variables, services that are asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from crossfix.errors import CrossfixError, SettingError
from crossfix.guard.alerts import UndeliverableError
from crossfix.guard.assembly import assemble_identities
from crossfix.guard.doctor.line import Line, Patient, fail, ok, warn
from crossfix.guard.doctor.rules import is_local
from crossfix.guard.monitoring import build_push, mail_of
from crossfix.guard.rating import Raters
from crossfix.guard.verify.webhook import providers_of
from crossfix.matching.opening import open_checks

SECONDS = 5.0


def identity(patient: Patient) -> Iterator[Line]:
    """See whether tokens and signed headers can be checked."""
    given = patient.settings.identity
    if given.key_set is None and given.secret is None:
        return
    try:
        assemble_identities(patient.settings, patient.environment)
    except SettingError as e:
        yield _wrong("identity", e)
    else:
        yield ok("identity", "tokens and signed headers can be checked")


def checks(patient: Patient) -> Iterator[Line]:
    """See whether the files of indicators and the own head can be read."""
    given = patient.settings.checks
    try:
        opened = open_checks(given, now=patient.now)
    except CrossfixError as e:
        yield _wrong("checks", e)
        return
    if opened.refused:
        said = f"{len(opened.refused)} lines of indicators cannot be used, the first: "
        yield warn("checks", f"{said}{opened.refused[0]}", "Mend them; the others are used.")
    elif given.indicators is not None or given.head is not None:
        yield ok("checks", "indicators and heads can be read")


def classifiers(patient: Patient) -> Iterator[Line]:
    """See whether each classifier has its key and answers."""
    found = patient.settings.checks.classifiers
    try:
        Raters(found, time.monotonic, patient.environment)
    except SettingError as e:
        yield _wrong("classifiers", e)
        return
    for name, given in found.items():
        yield _reached(f"classifier {name}", given.url)


def verification(patient: Patient) -> Iterator[Line]:
    """See whether people can pass a challenge: where its link leads, and what is open there."""
    settings, verify = patient.settings, patient.settings.verify
    try:
        providers = providers_of(verify, patient.environment)
    except SettingError as e:
        yield _wrong("verification", e)
        return
    if verify.url is None and not is_local(settings.gateway.host):
        yield warn(
            "verification",
            f"links of challenges lead to {settings.gateway.host}, where nobody else comes to",
            "Set verify.url to the address at which people reach the gateway.",
        )
    ways = ["by computing", "by an app or passkey"]
    if settings.smtp.url is not None:
        ways.append("by mail")
    ways += [f"by {name}" for name in providers]
    yield ok("verification", f"accounts can be verified {', '.join(ways)}")
    if settings.smtp.url is not None and not settings.alerts.to:
        yield _mail(patient)


def export(patient: Patient) -> Iterator[Line]:
    """See whether the collector that calls are pushed to answers."""
    from crossfix.guard.metrics import Metrics

    if patient.settings.export.otlp is None:
        return
    try:
        build_push(patient.settings, Metrics(), patient.environment)
    except SettingError as e:
        yield _wrong("export", e)
    else:
        yield _reached("export", patient.settings.export.otlp)


def _mail(patient: Patient) -> Line:
    """Look at the mail server that codes go by; alerts look at theirs, which is the same."""
    try:
        mail_of(patient.settings, patient.environment).check()
    except SettingError as e:
        return _wrong("mail", e)
    except UndeliverableError as e:
        return fail("mail", str(e), "See smtp.url, smtp.user and smtp.password.", "outside")
    return ok("mail", "the mail server answers")


def _reached(check: str, url: str) -> Line:
    """Say whether anybody answers at an address, whatever the answer is."""
    why = asyncio.run(_asked(url))
    if why is None:
        return ok(check, f"{url} answers")
    return fail(check, f"{url} cannot be reached: {why}",
                "See whether the address is right and it runs.", "outside")  # fmt: skip


async def _asked(url: str) -> str | None:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False),
        ):
            return None
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
        return type(e).__name__


def _wrong(check: str, error: CrossfixError) -> Line:
    where = f"{error.path}: " if error.path else ""
    return fail(check, f"{where}{error.message}", error.hint or "Mend the setting.", "input")
