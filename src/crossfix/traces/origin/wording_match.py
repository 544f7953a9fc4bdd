"""How surely a post repeats a segment, judged by the passages that they share."""

from __future__ import annotations

from crossfix.traces.origin.passage import Shared
from crossfix.traces.origin.sighting import Kind

LEAST_UNITS = 5
"""Shared words below which a passage may be anybody's."""

LEAST = 0.5
"""Score from which wording alone makes a sighting."""


def judged(shared: Shared, segment_units: int, post_units: int) -> tuple[Kind, float]:
    """Return kind and score (0 to 1) of a pair.

    A copy shares most of its words with its source, both ways. A post that holds the segment
    among other words, or a part of it alone, shares most of the one or of the other, in passages
    that are long and close together.
    """
    if shared.units < min(LEAST_UNITS, segment_units, post_units):
        return "edited", 0.0
    if shared.of_segment == shared.of_post == 1.0 and segment_units == post_units:
        return "verbatim", 1.0
    both = min(shared.of_segment, shared.of_post)
    inside = shared.of_segment * min(1.0, shared.density + 0.15)
    part = shared.of_post * min(1.0, shared.density + 0.15) if shared.units >= 6 else 0.0
    part *= min(1.0, 0.4 + shared.units / 20)
    held = max(inside, part)
    edited = _risen(both, 0.42, 0.12)
    contained = _risen(held, 0.62, 0.1) if shared.longest >= LEAST_UNITS else 0.0
    if both > 0.97:
        return "verbatim", edited
    if edited >= contained or both >= 0.6:
        return "edited", max(edited, contained)
    return "contained", contained


def _risen(value: float, middle: float, width: float) -> float:
    """Return a smooth step from 0 to 1 around a middle."""
    at = max(0.0, min(1.0, (value - middle + width) / (2 * width)))
    return at * at * (3 - 2 * at)
