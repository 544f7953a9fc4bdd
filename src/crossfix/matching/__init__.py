"""Indicators and fingerprints, indexed so that a text is compared with all of them at once."""

from crossfix.matching.checks import DIRECTIONS, Checks, Direction
from crossfix.matching.indicator import KINDS, Indicator, Kind, indicator
from crossfix.matching.loading import Loaded, load_indicators
from crossfix.matching.matcher import Matcher
from crossfix.matching.near import signature_of
from crossfix.matching.scanner import Scanner

__all__ = [
    "DIRECTIONS",
    "KINDS",
    "Checks",
    "Direction",
    "Indicator",
    "Kind",
    "Loaded",
    "Matcher",
    "Scanner",
    "indicator",
    "load_indicators",
    "signature_of",
]
