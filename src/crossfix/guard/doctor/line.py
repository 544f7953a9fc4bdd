"""One line of what the doctor says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from crossfix.config import Settings

Status = Literal["ok", "warn", "fail"]
Blame = Literal["failed", "input", "outside"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one look found: how it is, what was seen, and what to do about it.

    ``blame`` says whose it is where it fails, for the exit code.
    """

    check: str
    status: Status
    said: str
    todo: str = ""
    blame: Blame = "failed"


class Patient(msgspec.Struct, frozen=True, kw_only=True):
    """What is examined: settings, environment and the time (seconds since 1970)."""

    settings: Settings
    environment: Mapping[str, str]
    now: float

    def kept(self, part: Literal["events", "registry"]) -> bool:
        """Say whether a part of the store was made already; looking would make it."""
        url = self.settings.url(part)
        return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


def ok(check: str, said: str) -> Line:
    """Return a line that all is well."""
    return Line(check=check, status="ok", said=said)


def warn(check: str, said: str, todo: str) -> Line:
    """Return a line that something could be better."""
    return Line(check=check, status="warn", said=said, todo=todo)


def fail(check: str, said: str, todo: str, blame: Blame = "failed") -> Line:
    """Return a line that something does not work."""
    return Line(check=check, status="fail", said=said, todo=todo, blame=blame)
