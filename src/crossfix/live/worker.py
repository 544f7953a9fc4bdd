"""A process beside the gateway that watches events as they arrive.

``python -m crossfix.live.worker EVENTS REGISTRY KEY SETTINGS [SHARED]`` follows the log at a URL,
and writes to the registry at another. Texts are opened with the secret key in a file; the settings
are those of ``live``, as JSON. At the URL of a Valkey server it exchanges events with others that
have logs of their own. It ends when its standard input does, which is when the process that started
it ends, however that ends.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import msgspec

from crossfix.config import secret_key
from crossfix.config.live import LiveSettings
from crossfix.errors import CrossfixError
from crossfix.live.warming import warm
from crossfix.live.watch import Watch
from crossfix.store.log import open_log
from crossfix.store.registry import open_registry
from crossfix.store.shared_events import SharedEvents
from crossfix.store.vault import Vault, VaultLog

LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0


def main() -> int:
    """Watch until the parent is gone."""
    events, registry_url, key = sys.argv[1:4]
    given = json.loads(sys.argv[4])
    settings = msgspec.convert(given, LiveSettings, dec_hook=lambda kind, value: kind(value))
    with suppress(OSError, AttributeError):
        os.nice(5)
    warm()
    gone = False
    while not gone:
        try:
            secret = secret_key(Path(key))
            with (
                open_log(events) as log,
                open_registry(registry_url) as registry,
                _shared(sys.argv[5:], secret) as shared,
            ):
                watch = Watch(VaultLog(log, Vault(registry, secret)), registry, settings, shared)
                watch.start(time.time())
                if watch.damaged:
                    _said("log_damaged", watch.damaged)
                while not gone:
                    gone = _parent_gone(LOOK_SECONDS)
                    missed, passed_over = watch.missed, watch.passed_over
                    watch.turn(time.time())
                    if watch.passed_over != passed_over:
                        _said("event_passed_over", watch.trouble or "")
                    if watch.missed and watch.missed != missed:
                        _said("sharing_failed", watch.missed)
        except CrossfixError as e:
            # A database that is away now may be back later: then all is built again from the log.
            _said("watch_failed", e.message)
            gone = gone or _parent_gone(AGAIN_SECONDS)
    return 0


def _shared(urls: list[str], secret: bytes) -> SharedEvents | AbstractContextManager[None]:
    return SharedEvents(urls[0], secret) if urls and urls[0] else nullcontext()


def _said(event: str, error: str) -> None:
    print(json.dumps({"event": event, "error": error}), file=sys.stderr)


def _parent_gone(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    sys.exit(main())
