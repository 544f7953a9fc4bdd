"""Texts that say the same in other words or another language: which to read, which belong."""

from crossfix.traces.meaning.choice import Wordings, chosen, wordings
from crossfix.traces.meaning.cluster import clusters

__all__ = ["Wordings", "chosen", "clusters", "wordings"]
