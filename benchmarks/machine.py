"""What a measurement was made on, and with what."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("crossfix", "numpy", "pyarrow", "duckdb", "numba", "scipy")


def header(seed: int | None, *packages: str) -> str:
    """Return the lines that stand above every result: command, seed, machine, versions."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    program = ["python", "-m", module.name] if module else ["python", sys.argv[0]]
    lines = [
        f"command: {shlex.join([*program, *sys.argv[1:]])}",
        f"seed: {seed if seed is not None else 'none'}",
        f"machine: {os.cpu_count()} cores, {processor()}, {memory_gb():.0f} GB, "
        f"load {os.getloadavg()[0]:.1f}, {platform.system()} {platform.release()}",
        f"python {platform.python_version()}, " + ", ".join(map(_named, (*PACKAGES, *packages))),
    ]
    return "\n".join(lines)


def processor() -> str:
    """Return the processor's model as the system names it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_gb() -> float:
    """Return the machine's memory in gigabytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _named(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} (from source)"
