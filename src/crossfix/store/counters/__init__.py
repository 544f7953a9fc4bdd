"""Counters that forget: how often, and by how many, within a time."""

from crossfix.store.counters.counters import Counters
from crossfix.store.counters.opening import open_counters
from crossfix.store.counters.process import ProcessCounters

__all__ = ["Counters", "ProcessCounters", "open_counters"]
