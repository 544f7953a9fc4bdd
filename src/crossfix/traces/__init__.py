"""Traces: marks that an event leaves and another account could leave too."""

from crossfix.traces.extract import TraceCollector, readable
from crossfix.traces.fingerprint import key_hash, key_hashes
from crossfix.traces.registry import CLUSTERERS, EXTRACTORS, LATER
from crossfix.traces.table import Naming, Traces
from crossfix.traces.trace import TRACES, Clusterer, Example, Extractor, Family, Keys, Later

__all__ = [
    "CLUSTERERS",
    "EXTRACTORS",
    "LATER",
    "TRACES",
    "Clusterer",
    "Example",
    "Extractor",
    "Family",
    "Keys",
    "Later",
    "Naming",
    "TraceCollector",
    "Traces",
    "key_hash",
    "key_hashes",
    "readable",
]
