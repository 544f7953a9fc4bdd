"""Machine code for the few loops that need it.

Importing this module loads Numba, which takes longer than a small input does: what is compiled
stands in modules of its own, named ``kernel`` or so, that are imported where the input is large.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function when it is first called, keeping its code if there is a place for it.

    Code is cached beside the module, so that only the first large run of all compiles.
    """
    try:
        answer: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no place to write a cache
        answer = numba.njit(nogil=True)(function)
    return answer
