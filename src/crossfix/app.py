"""The composition root: builds the parts and registers the built-ins."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crossfix.config import Settings, secret_key
from crossfix.errors import SettingError
from crossfix.extras import need

if TYPE_CHECKING:
    from crossfix.guard.gateway import Gateway


def build_gateway(settings: Settings) -> Gateway:
    """Return the gateway that the settings describe; it opens nothing before it is started.

    Raises:
        SettingError: there is no upstream, or the key of one is missing.
        MissingExtraError: the guard's packages are not installed.
    """
    need("guard")
    from crossfix.guard.caller import by_credential
    from crossfix.guard.decide import Guard
    from crossfix.guard.exchange import Parts
    from crossfix.guard.gateway import Gateway
    from crossfix.guard.recorder import Recorder
    from crossfix.guard.upstream import Upstreams
    from crossfix.guard.verify.mount import PREFIX, VerifyMount
    from crossfix.store.log import open_log

    gateway = settings.gateway
    if not gateway.upstreams:
        raise SettingError(
            "The gateway has no upstream.",
            hint="Run: crossfix serve --upstream https://api.openai.com/v1",
        )
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    secret = secret_key(settings.key_file)
    recorder = Recorder(
        partial(
            open_log, settings.url("events"), seal_rows=settings.store.seal_rows,
            power_safe=gateway.power_safe,
        ),
        fail=gateway.record,
    )  # fmt: skip
    upstreams = Upstreams(
        gateway.upstreams, time.monotonic, silence_seconds=gateway.silence_seconds
    )
    guard = Guard(seed=secrets.randbits(50))
    verify = VerifyMount(settings, secret, guard.standings, recorder.put, time.time)
    parts = Parts(
        guard=guard,
        upstreams=upstreams,
        recorder=recorder,
        clock=time.time,
        service=gateway.service,
        soft=gateway.block == "soft",
        mode=gateway.stream,
        window=gateway.window_characters,
        verify_url=verify.url,
    )
    return Gateway(
        parts,
        by_credential(secret),
        secret,
        pass_unknown=gateway.pass_unknown,
        most_body=gateway.most_body_bytes,
        most_open=gateway.most_open,
        extra={PREFIX: verify},
        listening=verify.listening,
    )


def serve(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Run the gateway until it is told to stop; ``say`` is told where it is to be found."""
    gateway = build_gateway(settings)
    from crossfix.guard.server import run

    def ready(address: str) -> None:
        gateway.listening(address)
        say(f"crossfix is at {address}")
        say(f"In an OpenAI client:     base_url={address}/v1")
        say(f"In an Anthropic client:  base_url={address}")

    run(gateway, settings.gateway.host, settings.gateway.port, ready=ready)


__all__ = ["build_gateway", "serve"]
