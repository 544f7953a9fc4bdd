"""Which counters a setting stands for."""

from __future__ import annotations

import time
from collections.abc import Callable

from crossfix.store.counters.counters import Counters
from crossfix.store.counters.process import ProcessCounters


def open_counters(url: str | None, *, clock: Callable[[], float] = time.monotonic) -> Counters:
    """Open the counters of a Valkey or Redis server, or without a URL those of this process.

    ``clock`` returns seconds and is used in this process alone; a server has its own.
    """
    if url is None:
        return ProcessCounters(clock)
    from crossfix.store.counters.valkey import ValkeyCounters

    return ValkeyCounters(url)
