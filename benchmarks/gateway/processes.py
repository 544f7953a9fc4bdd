"""Processes of the benchmark: started, measured with all that they start, ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class Measured:
    """A process whose cost is asked for while it runs."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._said = (folder / "said.txt").open("wb")
        self._process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=self._said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.pid = self._process.pid

    def tree(self) -> list[int]:
        """Return the process and all below it."""
        parents = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
        found = [self.pid]
        for pid in found:
            found += [p for p, parent in parents.items() if parent == pid]
        return found

    def cpu_seconds(self, *, alone: bool = False) -> float:
        """Return the CPU time so far, of all of them or of the first alone."""
        ticks = 0
        for pid in [self.pid] if alone else self.tree():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def settled(self, seconds: float = 60.0) -> None:
        """Wait until all of them rest, so that what is started once is no cost of a request."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = self.cpu_seconds()
            time.sleep(2.0)
            if self.cpu_seconds() - before < 0.1:
                return

    def memory_megabytes(self) -> float:
        """Return the memory that all of them hold."""
        pages = 0
        for pid in self.tree():
            try:
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except OSError:
                continue
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listening(port: int, seconds: float) -> bool:
    """Wait until somebody listens at a port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.2)
    return False
