"""How surely a post means what a segment says: a logistic combination of their likeness.

The weights were fitted on half of the responses of the development set, by
``python -m benchmarks.quality.origin_fit MODELS``; they belong to the encoders of
`crossfix.content.encoders.wheels`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRICTER = 1.05
"""Taken off: a score of one half is where the last hard negative of the fitted half fell."""

FIRST = np.array([9.7247, 9.4982])
FIRST_BIAS = -8.7097 - STRICTER
SECOND = np.array([1.0220, 0.6827, 0.6907])
SECOND_BIAS = -7.0373 - STRICTER


def certainty(numbers: NDArray[np.float64], *, second: bool) -> NDArray[np.float64]:
    """Return the score (0 to 1) of each row of likeness."""
    weights, bias = (SECOND, SECOND_BIAS) if second else (FIRST, FIRST_BIAS)
    scores: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(numbers @ weights + bias, -30, 30)))
    return scores
