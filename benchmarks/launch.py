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


def main() -> None:
    """Run the command; write CPU seconds, wall seconds, peak memory and exit code as JSON."""
    result, limit, *command = sys.argv[1:]
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.execvp(command[0], command)
    finished = True
    done, status, usage = os.wait4(pid, os.WNOHANG)
    while not done:
        if time.perf_counter() - start > float(limit):
            finished = False
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.005)
        done, status, usage = os.wait4(pid, os.WNOHANG)
    wall = time.perf_counter() - start
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # what the command left running
    with open(result, "w") as file:
        json.dump(
            {
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "wall_seconds": wall,
                "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
                "finished": finished,
                "code": os.waitstatus_to_exitcode(status),
            },
            file,
        )


main()
