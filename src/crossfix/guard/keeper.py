"""A process beside the gateway that puts its events into the log, so that no answer waits for it.

``python -m crossfix.guard.keeper FOLDER URL ROWS REGISTRY KEY CONTENT DAYS`` drains the spool in a
folder into the log at a URL and seals it whenever so many rows wait there. Texts are encrypted with
keys in the registry and the secret key in a file, hashed or dropped on this way; those older than
so many days are forgotten. It ends when its standard input does, which is when the process that
started it ends, however that ends; what is left then is drained first.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from crossfix.config import secret_key
from crossfix.errors import CrossfixError
from crossfix.store.forgetting import expire
from crossfix.store.log import EventLog, open_log
from crossfix.store.log.spool import drain, seal_of
from crossfix.store.registry import Registry, open_registry
from crossfix.store.vault import Content, Vault, VaultLog

LOOK_SECONDS = 0.25
FORGET_SECONDS = 6 * 3_600.0
"""How often to look for texts that have been kept for long enough."""


def main() -> int:
    """Drain until the parent is gone, and once more."""
    folder, days = Path(sys.argv[1]), int(sys.argv[7])
    with suppress(OSError, AttributeError):
        os.nice(10)
    gone = False
    forgotten = -FORGET_SECONDS
    while not gone:
        gone = _parent_gone(LOOK_SECONDS)
        try:
            seal = seal_of(secret_key(Path(sys.argv[5])))
            with _opened() as (log, registry):
                drain(folder, log, seal)
                while not gone:
                    if time.monotonic() - forgotten >= FORGET_SECONDS:
                        expire(registry, log, now=datetime.now(UTC), days=days)
                        forgotten = time.monotonic()
                    gone = _parent_gone(LOOK_SECONDS)
                    drain(folder, log, seal)
        except CrossfixError as e:
            # A disk that is full now may have room later; the events wait where they are.
            print(json.dumps({"event": "drain_failed", "error": e.message}), file=sys.stderr)
    return 0


@contextmanager
def _opened() -> Iterator[tuple[EventLog, Registry]]:
    """Open the log, with what seals the texts that go into it, and the registry."""
    url, rows, registry_url, key, content = sys.argv[2:7]
    with open_log(url, seal_rows=int(rows)) as log, open_registry(registry_url) as registry:
        vault = Vault(registry, secret_key(Path(key)))
        sealed: EventLog = VaultLog(log, vault, cast(Content, content))
        yield sealed, registry


def _parent_gone(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    sys.exit(main())
