"""The cost of a process: CPU seconds and peak memory of it and of what it waited for."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Cost:
    """What a process took: ``peak_bytes`` is that of its largest process."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    finished: bool
    said: str

    def __str__(self) -> str:
        """Say it in one line."""
        least = "" if self.finished else "stopped after "
        return (
            f"{least}{self.cpu_seconds:,.2f} CPU s, {self.wall_seconds:,.2f} s, "
            f"{self.peak_bytes / 1e6:,.0f} MB"
        )


def cost_of(command: Sequence[str], *, limit_seconds: float = 3600.0) -> Cost:
    """Run a command and return its cost; stopped after ``limit_seconds`` of wall time.

    Raises:
        RuntimeError: it failed; the message has the end of what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "cost.json"
        launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(result), str(limit_seconds)]
        ran = subprocess.run(
            [*launch, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        said = ran.stdout.decode("utf-8", "replace")
        if not result.is_file():
            raise RuntimeError(f"{' '.join(command)} could not be run:\n{said[-2000:]}")
        cost = json.loads(result.read_text(encoding="utf-8"))
    code = cost.pop("code")
    if cost["finished"] and code != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{said[-2000:]}")
    return Cost(**cost, said=said)


def hunt(files: Sequence[Path], out: Path) -> list[str]:
    """Return the command that hunts in files."""
    return [sys.executable, "-m", "crossfix", "hunt", *map(str, files), "--out", str(out)]
