"""Processes that are started again when they end, until they are to end."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STOP_SECONDS = 15.0


class Supervised:
    """A process with our standard input's end held open: it can tell when we are gone."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, name="supervise", daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: an interrupt from the keyboard is ours to hand on.
        return subprocess.Popen(  # noqa: S603 - the command is our own
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def _watch(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            self._process.wait()
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._process = self._start()

    def stop(self) -> None:
        """End the process, and wait until it has."""
        self._stopping.set()
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._thread.join(_STOP_SECONDS)


class Together:
    """Several processes that end together."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._processes = [Supervised(command) for command in commands]

    def stop(self) -> None:
        """End the processes, and wait until they have."""
        for process in self._processes:
            process.stop()
