"""A process beside the gateway that puts its events into the log, so that no answer waits for it.

``python -m crossfix.guard.keeper FOLDER URL ROWS`` drains the spool in a folder into the log at a
URL and seals it whenever so many rows wait there. It ends when its standard input does, which is
when the process that started it ends, however that ends; what is left then is drained first.
"""

from __future__ import annotations

import json
import os
import select
import sys
from contextlib import suppress
from pathlib import Path

from crossfix.errors import CrossfixError
from crossfix.store.log import open_log
from crossfix.store.log.spool import drain

LOOK_SECONDS = 1.0


def main() -> int:
    """Drain until the parent is gone, and once more."""
    folder, url, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with suppress(OSError, AttributeError):
        os.nice(10)
    gone = False
    while not gone:
        gone = _parent_gone(LOOK_SECONDS)
        try:
            with open_log(url, seal_rows=rows) as log:
                drain(folder, log)
                while not gone:
                    gone = _parent_gone(LOOK_SECONDS)
                    drain(folder, log)
        except CrossfixError as e:
            # A disk that is full now may have room later; the events wait where they are.
            print(json.dumps({"event": "drain_failed", "error": e.message}), file=sys.stderr)
    return 0


def _parent_gone(seconds: float) -> bool:
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    sys.exit(main())
