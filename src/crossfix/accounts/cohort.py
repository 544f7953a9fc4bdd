"""How far an account stands out from the others on its service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_PRIOR_WEIGHT = 30.0
"""As many accounts as the expectation counts for, so that five accounts are no cohort."""

_STANDS_OUT = 3.5
"""Robust deviations at which a value scores .5 (the outlier rule of Iglewicz and Hoaglin)."""


@dataclass(frozen=True)
class Expectation:
    """What is usual for a measure before any data is seen.

    ``centre`` is the middle and ``spread`` one deviation among people; ``floor`` is the least
    spread, below which a difference does not matter however uniform a cohort is.
    """

    centre: float
    spread: float
    floor: float


def stands_out(values: Floats, cohort: NDArray[np.int32], usual: Expectation) -> Floats:
    """Score how far each value lies above its cohort, 0 to 1; NaN stays NaN.

    The cohort's middle is its median; its spread is the greater of the median absolute deviation
    and the distance from median to the 8th decile, both scaled to a normal's deviation. Both are
    blended with the expectation, which counts as thirty accounts. The score is monotone in the
    value within a cohort: 0 at the middle and below, .5 at 3.5 deviations, towards 1 above.
    A median and a decile bear a cohort of which less than a fifth belongs to operations.
    """
    scores = np.full(len(values), np.nan)
    for which in np.unique(cohort):
        rows = np.flatnonzero((cohort == which) & ~np.isnan(values))
        if not len(rows):
            continue
        centre, spread = _middle(values[rows], usual)
        away = np.maximum(values[rows] - centre, 0.0) / spread
        scores[rows] = away**2 / (away**2 + _STANDS_OUT**2)
    return scores


def _middle(values: Floats, usual: Expectation) -> tuple[float, float]:
    weight = len(values) / (len(values) + _PRIOR_WEIGHT)
    median, high = np.quantile(values, [0.5, 0.8])
    mad = 1.4826 * float(np.median(np.abs(values - median)))
    spread = max(mad, float(high - median) / 0.8416)
    apart = float(median) - usual.centre
    # The deviation of the two mixed: where they disagree about the middle, it grows.
    mixed = weight * (spread**2 + (1 - weight) * apart**2) + (1 - weight) * usual.spread**2
    return usual.centre + weight * apart, max(float(np.sqrt(mixed)), usual.floor)
