"""Events: what accounts did, and the readers that turn real files into them."""

from crossfix.events.event import (
    ACTIONS,
    SCHEMA,
    SURFACES,
    Action,
    Event,
    Surface,
    event_id,
    from_batch,
    to_batch,
)

__all__ = [
    "ACTIONS",
    "SCHEMA",
    "SURFACES",
    "Action",
    "Event",
    "Surface",
    "event_id",
    "from_batch",
    "to_batch",
]
