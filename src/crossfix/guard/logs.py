"""The log: a JSON object a line, into which nothing that somebody wrote can break."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any

ROOTS = ("crossfix", "uvicorn")
LONGEST_TEXT = 2_000
LEFT_OUT = "[left out]"
_TAKEN, _LOOKED_AT = 4_000, 8_000
_RESERVED = ("time", "level", "logger")

Find = Callable[[str], "list[tuple[int, int]]"]
"""Where in a text things stand that must not be written down."""


class JsonLines(logging.Formatter):
    """Writes a record as one line of ASCII: control and direction characters are escaped.

    A message that is a JSON object itself is taken apart; ``extra={"facts": {...}}`` adds to it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        said = _object(record.getMessage()) | getattr(record, "facts", {})
        line |= {name: value for name, value in said.items() if name not in _RESERVED}
        if record.exc_info and record.exc_info[1] is not None:
            # The place, not the words: what failed may quote what somebody wrote.
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            line["error"] = type(error).__name__
            line["at"] = [f"{f.filename.rpartition('/')[2]}:{f.lineno}" for f in frames[-5:]]
        return json.dumps(line, ensure_ascii=True, default=str)


def _object(message: str) -> dict[str, Any]:
    if message.startswith("{"):
        try:
            found = json.loads(message)
        except ValueError:
            return {"event": message}
        if isinstance(found, dict):
            return found
    return {"event": message}


def configure(level: str, stream: IO[str] | None = None) -> None:
    """Have crossfix and the server below it write to a stream, standard error without one."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ROOTS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
    logging.getLogger("crossfix").setLevel(level.upper())
    logging.getLogger("uvicorn").setLevel("WARNING")


def without_secrets(text: str, find: Find) -> str:
    """Return a text for the log, cut to length, without what must not be written down."""
    # What is looked through is longer than what is taken: half a secret is not recognised.
    found = sorted(find(text[:_LOOKED_AT]))
    text = text[:_TAKEN]
    parts, place = [], 0
    for start, end in found:
        if start >= place:
            parts += [text[place:start], LEFT_OUT]
        place = max(place, end)
    parts.append(text[place:])
    return "".join(parts)[:LONGEST_TEXT]
