"""Run a command from a small process and write down its cost.

``python launch.py RESULT LIMIT COMMAND...``. A process inherits the peak memory of the one that it
was forked from, so whoever measures must be small itself.
"""

import contextlib
import json
import os
import signal
import sys
import time


def cpu_of_group(group: int) -> float:
    """Return the CPU seconds so far of all processes of a group; 0 where /proc is not."""
    ticks = 0
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run the command; write CPU seconds, wall seconds, peak memory and exit code as JSON."""
    result, limit, *command = sys.argv[1:]
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.execvp(command[0], command)
    finished, until_stopped = True, 0.0
    done, status, usage = os.wait4(pid, os.WNOHANG)
    while not done:
        if time.perf_counter() - start > float(limit):
            finished, until_stopped = False, max(until_stopped, cpu_of_group(pid))
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.005)
        done, status, usage = os.wait4(pid, os.WNOHANG)
    wall = time.perf_counter() - start
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the command left running
    with open(result, "w") as file:
        json.dump(
            {
                "cpu_seconds": max(usage.ru_utime + usage.ru_stime, until_stopped),
                "wall_seconds": wall,
                "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
                "finished": finished,
                "code": os.waitstatus_to_exitcode(status),
            },
            file,
        )


main()
