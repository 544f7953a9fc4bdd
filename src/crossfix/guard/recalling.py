"""What policies counted before a restart, counted again from the event log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from crossfix.policy import Memory, Policy, compile_policies
from crossfix.policy.from_event import facts_of
from crossfix.policy.series import REMEMBERED_SECONDS

if TYPE_CHECKING:
    import pyarrow as pa

    from crossfix.store.log.event_log import EventLog

MOST_EVENTS = 200_000
"""How many events are counted again; where there are more, those of a shorter time."""

_STRETCHES = (600.0, 3_600.0, 21_600.0, 86_400.0, 604_800.0, REMEMBERED_SECONDS)


def recall(
    log: EventLog,
    policies: Iterable[Policy],
    memory: Memory,
    now: float,
    most: int = MOST_EVENTS,
) -> int:
    """Take the log's last events into a memory and return how many; nothing is decided by them.

    They reach back as far as the longest feature of the policies, or less where there are more
    than ``most``. ``now`` is in seconds since 1970 UTC.

    Raises:
        StoreError: the log cannot be read.
    """
    from crossfix.policy.past import in_order

    ruleset = compile_policies(policies)
    longest = max((w.within or REMEMBERED_SECONDS for w in ruleset.windows), default=0.0)
    held: list[pa.RecordBatch] = []
    for stretch in _STRETCHES:
        since = datetime.fromtimestamp(now, UTC) - timedelta(seconds=min(stretch, longest))
        found = _at_most(log.read(since=since), most) if longest else []
        if found is None:
            break
        held = found
        if stretch >= longest:
            break
    taken = 0
    for event in in_order(held)[1]:
        # What was refused before policies saw it did not count then either, nor did decisions.
        rated = event.action != "decision" or "findings" in event.attributes
        if rated and "unjudged" not in event.attributes and event.received.timestamp() <= now:
            ruleset.judge(facts_of(event), memory)
            taken += 1
    return taken


def _at_most(batches: Iterable[pa.RecordBatch], most: int) -> list[pa.RecordBatch] | None:
    """Return the batches, or ``None`` as soon as they have more rows than that."""
    kept, rows = [], 0
    for batch in batches:
        rows += batch.num_rows
        if rows > most:
            return None
        kept.append(batch)
    return kept
