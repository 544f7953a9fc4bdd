"""How surely a post means what a segment says: a logistic combination of their likeness.

The weights were fitted on half of the responses of the development set (those with odd numbers).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossfix.traces.origin.likeness import FEATURES

WEIGHTS = {
    "cosine": 5.7923,
    "lift": -0.0802,
    "margin": 0.2238,
    "rarity": -0.1156,
    "recall": 0.2748,
    "least_recall": 0.3360,
    "precision": -0.0047,
    "least_precision": 0.1213,
    "second_lift": 0.1771,
    "second_margin": 0.2658,
    "second_rarity": 0.1271,
    "least_lift": 0.0583,
    "least_margin": 0.3150,
    "least_rarity": 0.1032,
    "length": 0.3473,
}
BIAS = -9.0125
"""Chosen so that half a score is where one hard negative in a hundred still passes."""


def certainty(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the score (0 to 1) of each row of likeness; what is unknown scores 0."""
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    at = np.clip(numbers @ weights + BIAS, -30.0, 30.0)
    scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-at))
    return np.nan_to_num(scores, nan=0.0)
