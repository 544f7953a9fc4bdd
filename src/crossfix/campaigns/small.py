"""What has to be said of an input that is too small to know chance by."""

from __future__ import annotations

from crossfix.counted import counted
from crossfix.network.calibrate import STRETCH
from crossfix.network.group import ACTORS


def smallness(accounts: int, traces: int) -> str | None:
    """Return one sentence where there are too few accounts, or too few traces; else None.

    Chance is drawn by exchanging accounts within stretches of `STRETCH` traces: an input that
    does not fill one has next to no background to compare with.
    """
    if accounts < ACTORS:
        return f"a campaign needs {ACTORS} accounts, and the input has {accounts:,}"
    if traces < STRETCH:
        return (
            f"chance is hardly known from {counted(traces, 'trace')}: campaigns may be missed, "
            f"and those found may be chance (from {STRETCH} on it is better, from thousands good)"
        )
    return None
