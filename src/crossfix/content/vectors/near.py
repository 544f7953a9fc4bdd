"""What a search among vectors answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""One row a vector, of length 1, so that a product of two is their cosine."""

NONE = -1
"""The number that stands where there are fewer neighbours than were asked for."""


@dataclass(frozen=True)
class Near:
    """For each vector the numbers of its nearest, best first, and their cosines.

    Where there are fewer, the number is `NONE` and the cosine -1.
    """

    numbers: NDArray[np.int64]
    cosines: NDArray[np.float32]
