"""A process that appends batches to a log, saying each that was acknowledged.

``writer.py URL FIRST`` goes on until it is killed; ``writer.py URL FIRST LAST`` ends, and counts
down where the last is smaller.
"""

import itertools
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from crossfix.events import Event, to_batch
from crossfix.store.log import open_log

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = (3, 1, 60, 7, 120, 2, 40)


def event(batch: int, row: int) -> Event:
    time = START + timedelta(seconds=(batch * 7919 + row) % 100_000)
    return Event(
        id=f"{batch:024x}{row:08x}", time=time, received=time, service="x", surface="social",
        account="x:a", action="post", text="text " * 20,
    )  # fmt: skip


def events(batch: int) -> list[Event]:
    return [event(batch, row) for row in range(SIZES[batch % len(SIZES)])]


def main() -> None:
    url, first = sys.argv[1], int(sys.argv[2])
    batches: Iterable[int] = itertools.count(first)
    if len(sys.argv) > 3:
        last = int(sys.argv[3])
        batches = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    with open_log(url, seal_rows=50) as log:
        for batch in batches:
            log.append(to_batch(events(batch)))
            print(batch, flush=True)


if __name__ == "__main__":
    main()
