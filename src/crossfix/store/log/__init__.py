"""The event log: what happened, appended once and read back in the order of time."""

from crossfix.store.log.event_log import EventLog
from crossfix.store.log.opening import open_log

__all__ = ["EventLog", "open_log"]
