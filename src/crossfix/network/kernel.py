"""The compiled twin of `crossfix.network.rank.best_sums`: one pass, no sorting."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled


@compiled
def best_sums(starts, given, most):  # type: ignore[no-untyped-def]
    """Sum the ``most`` largest entries of each row after its largest, largest first."""
    answer = np.zeros(len(starts) - 1)
    best = np.empty(most + 1)
    for row in range(len(starts) - 1):
        held = 0
        for i in range(starts[row], starts[row + 1]):
            value = given[i]
            if held > most and value <= best[most]:
                continue
            at = min(held, most)
            while at > 0 and best[at - 1] < value:
                best[at] = best[at - 1]
                at -= 1
            best[at] = value
            held = min(held + 1, most + 1)
        total = 0.0
        for place in range(1, held):
            total += best[place]
        answer[row] = total
    return answer
