"""Counters that forget: how often, and by how many, within a time; and limits on that."""

from crossfix.store.counters.counters import Counters
from crossfix.store.counters.limiter import Ask, LimitAnswer, LimitAnswers, Limiter
from crossfix.store.counters.opening import open_counters
from crossfix.store.counters.process import ProcessCounters
from crossfix.store.counters.process_limiter import ProcessLimiter

__all__ = [
    "Ask",
    "Counters",
    "LimitAnswer",
    "LimitAnswers",
    "Limiter",
    "ProcessCounters",
    "ProcessLimiter",
    "open_counters",
]
