"""Origin: the tie from what a model wrote to where it was later seen."""

from crossfix.traces.origin.control import Strangers
from crossfix.traces.origin.index import OutputIndex
from crossfix.traces.origin.match import Origin
from crossfix.traces.origin.output import Output, Post
from crossfix.traces.origin.rare import RareWording, WordingCounts
from crossfix.traces.origin.reading import Encoders
from crossfix.traces.origin.segment import Segment, segments
from crossfix.traces.origin.sighting import Sighting

__all__ = [
    "Encoders", "Origin", "Output", "OutputIndex", "Post", "RareWording", "Segment", "Sighting",
    "Strangers", "WordingCounts", "segments",
]  # fmt: skip
