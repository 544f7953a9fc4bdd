"""The composition root: builds the parts and registers the built-ins."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import msgspec

from crossfix.config import Settings, secret_key
from crossfix.config.sealing import derived
from crossfix.errors import CrossfixError, SettingError
from crossfix.extras import need

if TYPE_CHECKING:
    from crossfix.guard.asgi import Application
    from crossfix.guard.caller import Callers
    from crossfix.guard.exchange import Parts
    from crossfix.guard.gateway import Gateway
    from crossfix.guard.keys import Keyring
    from crossfix.guard.life import Life
    from crossfix.guard.recorder import Recorder
    from crossfix.guard.shells.desk import Desk
    from crossfix.guard.supervise import Together
    from crossfix.guard.verify.mount import VerifyMount
    from crossfix.guard.workers import Place
    from crossfix.policy import Memory

FIRST_KEY = "first"
"""Name of the key that a gateway makes for itself when there is none."""

FIRST_KEY_IDENTITY = ("field:safety_identifier", "field:user", "field:metadata.user_id")

_LOCAL = ("127.0.0.1", "::1", "localhost")


def build_recorder(settings: Settings) -> Recorder:
    """Return what writes events."""
    from crossfix.guard.recorder import Recorder
    from crossfix.store.log.spool import seal_of

    gateway = settings.gateway
    return Recorder(
        spool_folder(settings), fail=gateway.record, power_safe=gateway.power_safe,
        seal=seal_of(secret_key(settings.key_file)),
    )  # fmt: skip


def spool_folder(settings: Settings) -> Path:
    """Return the folder in which events wait to be put into the log."""
    from crossfix.store.log.spool import folder_of

    return folder_of(settings.url("events"), settings.data_directory)


def build_parts(
    settings: Settings, keyring: Keyring, *, live: bool = False, place: Place | None = None
) -> tuple[Parts, Life, VerifyMount]:
    """Return the guard that the settings describe with what it needs, and its life.

    With ``live`` a process beside it watches events as they arrive. A worker at a ``place`` starts
    no process: who started it does.

    Raises:
        SettingError: a setting cannot be used.
        MissingExtraError: the guard's packages are not installed.
    """
    need("guard")
    from crossfix.guard.assembly import assemble_guard
    from crossfix.guard.exchange import Parts
    from crossfix.guard.life import Life
    from crossfix.guard.rating import Raters
    from crossfix.guard.reloading import Reloading
    from crossfix.guard.renewal import Renewal
    from crossfix.guard.seen import Seen
    from crossfix.guard.upstream import Upstreams
    from crossfix.guard.verify.mount import VerifyMount
    from crossfix.policy import STARTER, Memory
    from crossfix.store.counters.async_limiter import AsyncLimiter
    from crossfix.store.registry import HeldRegistry

    gateway = settings.gateway
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    memory = Memory()
    guard = assemble_guard(settings, memory=memory, seed=secrets.randbits(50))
    held = HeldRegistry(settings.url("registry"))
    policies = [settings.policy.directory or STARTER]
    reloading = Reloading(held, guard, policies, settings.checks, memory, time.time)
    recorder = build_recorder(settings)
    secret = secret_key(settings.key_file)
    verify = VerifyMount(settings, secret, guard.standings, recorder.put, time.time)
    workers = place.count if place is not None else 1
    parts = Parts(
        guard=guard,
        upstreams=Upstreams(
            gateway.upstreams, time.monotonic, silence_seconds=gateway.silence_seconds
        ),
        recorder=recorder,
        limiter=AsyncLimiter(settings.store.valkey, clock=time.time, workers=workers),
        clock=time.time,
        service=gateway.service,
        soft=gateway.block == "soft",
        mode=gateway.stream,
        window=gateway.window_characters,
        scanner=reloading.scanner,
        versions=reloading.versions,
        verify_url=verify.url,
        raters=Raters(settings.checks.classifiers, time.monotonic),
        # Workers know by the same hashes what one of them checked.
        seen=Seen(derived(secret, "seen texts")),
    )
    beside = partial(_beside, settings, live=live) if place is None else None
    life = Life(parts, Renewal(held, guard, keyring), reloading, beside, held.close)
    life.ends_with(verify.close)
    life.recall = partial(_recall, settings, life, memory)
    return parts, life, verify


def _recall(settings: Settings, life: Life, memory: Memory) -> None:
    """Have policies know what the log knows of the time before this start."""
    from crossfix.guard.recalling import recall
    from crossfix.store.kept import kept_log

    url = settings.url("events")
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return
    with kept_log(settings) as log:
        recall(log, life.policies, memory, time.time())


def _beside(settings: Settings, *, live: bool) -> Together:
    """Start the process that puts events into the log, and the one that watches them arrive."""
    from crossfix.guard.supervise import Together

    events, registry = settings.url("events"), settings.url("registry")
    commands = [[
        "crossfix.guard.keeper", str(spool_folder(settings)), events,
        str(settings.store.seal_rows), registry, str(settings.key_file),
        settings.privacy.content, str(settings.privacy.retention_days),
    ]]  # fmt: skip
    if live and settings.live.enabled:
        given = msgspec.json.encode(settings.live, enc_hook=str).decode()
        # Who shares a log sees all that arrives in it; others tell each other.
        shared = settings.store.valkey if events.startswith("sqlite:") else None
        commands.append([
            "crossfix.live.worker", events, registry, str(settings.key_file), given, shared or "",
        ])  # fmt: skip
    return Together([[sys.executable, "-m", *command] for command in commands])


def open_desk(settings: Settings) -> Desk:
    """Return where an application in this process asks the guard; `CrossfixMiddleware` does."""
    from crossfix.guard.keys import Keyring
    from crossfix.guard.shells.desk import Desk

    parts, life, verify = build_parts(settings, Keyring())
    return Desk(parts, life, verify)


def build_gateway(settings: Settings, *, open: bool = False, place: Place | None = None) -> Gateway:
    """Return the gateway that the settings describe; it connects to nothing before it is started.

    With ``open`` no key is needed, which only an address of this machine alone may do. ``place``
    says which of several workers it is for.

    Raises:
        SettingError: there is no upstream, the key of one is missing, or it would be open to all.
        MissingExtraError: the guard's packages are not installed.
    """
    need("guard")
    from crossfix.guard.asgi import health, only
    from crossfix.guard.gateway import Gateway
    from crossfix.guard.keys import Keyring
    from crossfix.guard.monitoring import Monitoring
    from crossfix.guard.openapi import described
    from crossfix.guard.verify.mount import PREFIX

    gateway = settings.gateway
    if not gateway.upstreams:
        raise SettingError(
            "The gateway has no upstream.",
            hint="Run: crossfix serve --upstream https://api.openai.com/v1",
        )
    if open and gateway.host not in _LOCAL:
        raise SettingError(
            f"A gateway without keys may not listen at {gateway.host}.",
            hint="Leave --open away, or listen at 127.0.0.1.",
        )
    keyring = Keyring()
    parts, life, verify = build_parts(settings, keyring, live=True, place=place)
    monitoring = Monitoring(settings, parts, keyring, open=open, place=place)
    parts = monitoring.parts
    life.watched(monitoring)
    if monitoring.sharing is not None:
        verify.lifted = monitoring.sharing.lifted
    most_open = gateway.most_open if place is None else -(-gateway.most_open // place.count)
    callers = build_callers(settings, secret_key(settings.key_file), keyring, open=open)
    built = Gateway(
        parts,
        callers,
        life,
        pass_unknown=gateway.pass_unknown,
        most_body=gateway.most_body_bytes,
        most_open=most_open,
        extra={
            PREFIX: verify,
            "/healthz": only(health, "GET", "HEAD"),
            "/openapi.json": only(described, "GET", "HEAD"),
            **_shells(parts, callers, keyring, open=open),
            **_usage(parts, life, keyring, open=open),
            **monitoring.routes(),
        },
        listening=verify.listening,
    )
    monitoring.counts_open(lambda: built.open_calls)
    return built


def _usage(parts: Parts, life: Life, keyring: Keyring, *, open: bool) -> dict[str, Application]:
    """Return what publishes the usage policies and records who accepted them, by path."""
    from crossfix.guard.access import Access
    from crossfix.guard.asgi import only
    from crossfix.guard.usage import Usage

    usage = Usage(
        lambda: life.policies, Access(keyring, parts.clock, open=open), parts.service,
        parts.recorder.put, parts.recorder.kept, parts.clock,
    )  # fmt: skip
    return {
        "/usage": only(usage.page, "GET", "HEAD"),
        "/v1/usage/acceptance": only(usage.accept, "POST"),
    }


def _shells(
    parts: Parts, callers: Callers, keyring: Keyring, *, open: bool
) -> dict[str, Application]:
    """Return the other ways to ask the same guard, by path."""
    from crossfix.guard.access import Access
    from crossfix.guard.asgi import only
    from crossfix.guard.shells import envoy, litellm_api
    from crossfix.guard.shells.decide_api import DecideApi
    from crossfix.guard.shells.desk import Desk

    desk, access = Desk(parts), Access(keyring, parts.clock, open=open)
    return {
        "/v1/decide": only(DecideApi(desk, access), "POST"),
        litellm_api.PATH: only(litellm_api.LitellmApi(desk, access), "POST"),
        envoy.PREFIX: envoy.EnvoyAuthz(desk, callers),
    }


def build_callers(
    settings: Settings, secret: bytes, keyring: Keyring, *, open: bool = False
) -> Callers:
    """Return what tells callers apart; a foreign credential is let by where it is passed on."""
    from crossfix.guard.assembly import assemble_identities
    from crossfix.guard.caller import Callers

    service = settings.gateway.service
    foreign = all(upstream.key is None for upstream in settings.gateway.upstreams.values())
    return Callers(
        service, secret, keyring, assemble_identities(settings), foreign=foreign, open=open
    )


def first_key(settings: Settings) -> str | None:
    """Make a key where there is none and return its secret, which is shown once."""
    from crossfix.guard.keys import SECRET_BYTES, new_key
    from crossfix.store.registry import KeyTable, open_registry

    with open_registry(settings.url("registry")) as registry:
        table = KeyTable(registry)
        if table.all():
            return None
        secret, key = new_key(
            secrets.token_bytes(SECRET_BYTES), now=datetime.now(UTC), name=FIRST_KEY,
            identity=FIRST_KEY_IDENTITY,
        )  # fmt: skip
        table.create(key)
        return secret


def serve(settings: Settings, *, say: Callable[[str], None], open: bool = False) -> None:
    """Run the gateway and what goes with it, until it is told to stop.

    ``say`` is told where it is to be found, and the first key where one is made.
    """
    need("guard")
    from crossfix.guard.logs import configure

    configure(settings.log.level)
    gateway = build_gateway(settings, open=open)
    from crossfix.guard.server import run

    secret = None
    if not open and any(u.key for u in settings.gateway.upstreams.values()):
        secret = first_key(settings)

    def told(address: str) -> None:
        say(f"crossfix is at {address}")
        say(f"In an OpenAI client:     base_url={address}/v1")
        say(f"In an Anthropic client:  base_url={address}")
        if secret is not None:
            say(f"Its API key, shown this once:  {secret}")

    if settings.gateway.workers > 1:
        _serve_together(settings, told, open=open)
        return

    def ready(address: str) -> None:
        gateway.listening(address)
        told(address)

    with _said_why(gateway):
        run(
            gateway, settings.gateway.host, settings.gateway.port, ready=ready,
            stop_seconds=settings.gateway.stop_seconds,
        )  # fmt: skip


@contextmanager
def _said_why(gateway: Gateway) -> Iterator[None]:
    """Raise what kept a gateway from starting instead of the server's word that it did."""
    try:
        yield
    except (SystemExit, CrossfixError):
        if gateway.failure is not None:
            raise gateway.failure from None
        raise


def _serve_together(settings: Settings, told: Callable[[str], None], *, open: bool) -> None:
    """Run several workers at one port, with what goes beside them, until told to stop."""
    import signal
    from tempfile import TemporaryDirectory

    from crossfix.guard.server import address_of, listen
    from crossfix.guard.workers.pool import Pool, places, wait_for_signal
    from crossfix.store.registry import open_registry

    gateway = settings.gateway
    if settings.store.valkey is None:
        raise SettingError(
            "Several workers count limits together in Valkey, and none is set.",
            hint="Set store.valkey, as in valkey://127.0.0.1:6379/0, or run one worker.",
        )
    with open_registry(settings.url("registry")):
        pass  # migrations are done once, before there are several to do them
    listening = listen(gateway.host, gateway.port)
    listening.listen(4_096)
    address = address_of(gateway.host, listening)

    def given(place: Place) -> bytes:
        words = {"settings": settings, "place": place, "listening": listening.fileno(),
                 "address": address, "open": open}  # fmt: skip
        return msgspec.json.encode(words, enc_hook=str) + b"\n"

    command = [sys.executable, "-m", "crossfix.cli.serve_worker"]
    with TemporaryDirectory(prefix="crossfix-") as folder:
        beside = _beside(settings, live=True)
        pool = Pool(
            places(Path(folder), gateway.workers), command, given, listening,
            stop_seconds=gateway.stop_seconds + 10.0,
        )  # fmt: skip
        try:
            pool.wait_ready()
            told(address)
            asked = wait_for_signal()
        finally:
            pool.stop()
            beside.stop()
            listening.close()
    if asked == signal.SIGINT:
        raise KeyboardInterrupt


def serve_worker(
    settings: Settings, place: Place, listening: socket, address: str, *, open: bool
) -> None:
    """Run one of several workers until it is told to stop; see `serve`."""
    need("guard")
    from crossfix.guard.logs import configure

    configure(settings.log.level)
    gateway = build_gateway(settings, open=open, place=place)
    from crossfix.guard.server import run

    gateway.listening(address)
    with _said_why(gateway):
        run(
            gateway, settings.gateway.host, settings.gateway.port, listening=listening,
            stop_seconds=settings.gateway.stop_seconds,
            ready=lambda address: place.ready(place.slot).touch(),
        )  # fmt: skip


__all__ = ["build_gateway", "first_key", "open_desk", "serve", "serve_worker"]
