import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def measured(program: str, limit: float = 60.0) -> dict[str, float]:
    script = (
        "import sys, json, dataclasses; from benchmarks.measure import cost_of\n"
        "big = bytearray(300_000_000)\n"
        f"cost = cost_of([sys.executable, '-c', {program!r}], limit_seconds={limit})\n"
        "print(json.dumps(dataclasses.asdict(cost)))"
    )
    ran = python("-c", script)
    assert ran.returncode == 0, ran.stderr
    cost: dict[str, float] = json.loads(ran.stdout)
    return cost


def test_every_benchmark_is_listed_with_what_it_measures() -> None:
    ran = python("-m", "benchmarks", "--list")
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"speed.scale", "speed.start", "speed.toolkit", "speed.viral_key"} <= set(names)
    assert all(len(line.split()) > 4 for line in lines)


def test_an_unknown_benchmark_is_refused() -> None:
    ran = python("-m", "benchmarks", "speed.sound")
    assert ran.returncode == 2
    assert "speed.sound" in ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="costs are measured with wait4")
def test_a_process_costs_its_own_memory_and_time_not_those_of_who_measures() -> None:
    idle = measured("import time; time.sleep(0.3)")
    busy = measured("x = bytearray(200_000_000)\nfor i in range(3_000_000): pass\nprint('done')")
    assert idle["peak_bytes"] < 100_000_000 < 200_000_000 < busy["peak_bytes"] < 290_000_000
    assert idle["cpu_seconds"] < 0.25
    assert idle["wall_seconds"] >= 0.3
    assert busy["cpu_seconds"] > idle["cpu_seconds"]
    assert busy["said"] == "done\n"


def test_a_process_is_stopped_at_its_limit() -> None:
    cost = measured("while True: pass", limit=0.4)
    assert not cost["finished"]
    assert 0.3 < cost["wall_seconds"] < 5
    assert 0 < cost["cpu_seconds"] < 5


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_the_time_of_helpers_counts_when_they_are_stopped_with_their_process() -> None:
    helper = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    cost = measured(helper, limit=1.5)
    assert not cost["finished"]
    assert cost["cpu_seconds"] > 0.3
