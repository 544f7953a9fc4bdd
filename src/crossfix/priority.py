"""Processes that let others go first."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")
_TRIES = 20
_PAUSE_SECONDS = 0.06


def stand_back(niceness: int) -> None:
    """Take the processor when others leave it: the more so, the higher ``niceness`` is (1 to 19).

    Linux may share the processor among sessions before it shares it among processes
    (``sched_autogroup_enabled``), and the niceness of a process then counts within its session
    alone. So the leader of a session sets that of the session, too; nobody else does, for it
    would slow down what others run there.
    """
    with suppress(OSError, AttributeError):
        os.nice(niceness)
        if os.getsid(0) == os.getpid():
            _session_stands_back(niceness)


def _session_stands_back(niceness: int) -> None:
    for _ in range(_TRIES):
        try:
            _AUTOGROUP.write_text(f"{niceness}\n")
        except BlockingIOError:  # the system takes one a tenth of a second
            time.sleep(_PAUSE_SECONDS)
        else:
            return
