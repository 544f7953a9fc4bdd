"""A process beside the gateway that watches events as they arrive.

``python -m crossfix.live.worker EVENTS REGISTRY KEY SETTINGS`` follows the log at a URL and writes
to the registry at another; texts are opened with the secret key in a file, the settings are those
of ``live``, as JSON. It ends when its standard input does, which is when the process that started
it ends, however that ends.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from crossfix.config import secret_key
from crossfix.config.live import LiveSettings
from crossfix.errors import CrossfixError
from crossfix.live.warming import warm
from crossfix.live.watch import Watch
from crossfix.store.log import open_log
from crossfix.store.registry import open_registry
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
            with open_log(events) as log, open_registry(registry_url) as registry:
                vault = Vault(registry, secret_key(Path(key)))
                watch = Watch(VaultLog(log, vault), registry, settings)
                watch.start(time.time())
                while not gone:
                    gone = _parent_gone(LOOK_SECONDS)
                    watch.turn(time.time())
        except CrossfixError as e:
            # A database that is away now may be back later: then all is built again from the log.
            print(json.dumps({"event": "watch_failed", "error": e.message}), file=sys.stderr)
            gone = gone or _parent_gone(AGAIN_SECONDS)
    return 0


def _parent_gone(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    sys.exit(main())
