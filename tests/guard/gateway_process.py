"""Real processes for tests of the gateway: a scripted model API and `crossfix serve` before it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import crossfix

SCRIPT = Path(__file__).with_name("scripted_upstream.py")
START_SECONDS = 30.0


def wait_for(what: Callable[[], Any], seconds: float = START_SECONDS) -> Any:
    """Return what a look finds as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)
    return found


class Process:
    """A process of its own group, ended with the test."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.said_path = folder / "said.txt"
        env = {k: v for k, v in os.environ.items() if not k.startswith("CROSSFIX_")}
        env["PYTHONPATH"] = str(Path(crossfix.__file__).parents[1])
        with self.said_path.open("wb") as said:
            self.process = subprocess.Popen(
                command, cwd=folder, env=env | dict(environment), stdout=said,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.said_path.read_text(encoding="utf-8", errors="replace")

    def end(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


class Scripted(Process):
    """The scripted model API."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log.jsonl"
        self.log.touch()
        found = folder / "port"
        found.unlink(missing_ok=True)
        command = [sys.executable, str(SCRIPT), str(found), str(self.log), str(port)]
        super().__init__(command, folder, {})
        wait_for(lambda: found.is_file() and found.read_text())
        self.port = int(found.read_text())
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def seen(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def calls(self) -> list[dict[str, Any]]:
        """Return the calls alone: how an earlier one ended may be noted later."""
        return [line for line in self.seen() if "path" in line]

    def last(self) -> dict[str, Any]:
        return self.calls()[-1]


class Serving(Process):
    """`crossfix serve`, with what a test wants of it."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        settings: str = "",
        environment: Mapping[str, str] | None = None,
        prefix: list[str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "crossfix.toml").write_text(settings, encoding="utf-8")
        command = [
            *(prefix or []), sys.executable, "-m", "crossfix", "serve", "--port", "0",
            "--data", str(folder / "data"), *arguments,
        ]  # fmt: skip
        # The live room's process costs seconds at start: who tests it turns it on.
        super().__init__(
            command, folder, {"CROSSFIX_LIVE_ENABLED": "false"} | dict(environment or {})
        )
        self.folder = folder
        self.url = ""
        wait_for(lambda: self.address() or self.process.poll() is not None, 3 * START_SECONDS)
        assert self.url, self.said()

    def address(self) -> str:
        for line in self.said().splitlines():
            if line.startswith("crossfix is at "):
                self.url = line.removeprefix("crossfix is at ").strip()
        return self.url

    def events(self, *accounts: str, count: int = 0) -> list[dict[str, Any]]:
        """Return the events of accounts that end so, as soon as there are so many in the log."""

        def look() -> list[dict[str, Any]] | None:
            found = [
                row | {"attributes": dict(row["attributes"])}
                for row in self._logged()
                if not accounts or row["account"].endswith(accounts)
            ]
            return found if len(found) >= count else None

        found: list[dict[str, Any]] = wait_for(look, 15) if count else look()
        return found

    def _logged(self) -> list[dict[str, Any]]:
        from crossfix.config import load_settings
        from crossfix.store.kept import kept_log

        place = {"data_directory": self.folder / "data"}
        with kept_log(load_settings(environment={}, arguments=place)) as log:
            return [row for batch in log.read() for row in batch.to_pylist()]
