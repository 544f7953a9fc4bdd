"""Processes that are started again when they end, until they are to end."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 60.0
"""Who lived for so long is started again without much ado."""

_STOP_SECONDS = 15.0


class Supervised:
    """A process with our standard input's end held open: it can tell when we are gone.

    Args:
        command: what to run.
        given: what it finds on its standard input, which stays open after that.
        inherited: files that stay open in it.
        stop_seconds: how long it may take to end, before it is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        given: bytes = b"",
        inherited: Sequence[int] = (),
        stop_seconds: float = _STOP_SECONDS,
    ) -> None:
        self._stop_seconds = stop_seconds
        self._command = list(command)
        self._given = given
        self._inherited = tuple(inherited)
        self._stopping = threading.Event()
        self.ended = 0
        """How often it has ended by itself."""
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch, name="supervise", daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own: an interrupt from the keyboard is ours to hand on. But no session:
        # where the system shares the processor among sessions first, niceness counts within one.
        process = subprocess.Popen(  # noqa: S603 - the command is our own
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            process_group=0, pass_fds=self._inherited,
        )  # fmt: skip
        if self._given and process.stdin is not None:
            with suppress(OSError):  # it has ended already; the watch sees that
                process.stdin.write(self._given)
                process.stdin.flush()
        return process

    def _watch(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            self._process.wait()
            if self._stopping.is_set():
                return
            self.ended += 1
            if time.monotonic() - began >= _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._process = self._start()

    def ask_to_end(self) -> None:
        """Tell the process to end, without waiting for it."""
        self._stopping.set()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def stop(self) -> None:
        """End the process, and wait until it has."""
        self.ask_to_end()
        process = self._process
        try:
            process.wait(self._stop_seconds)
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
