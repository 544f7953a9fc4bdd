"""The timeline: when everyone was active, and when each campaign was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crossfix.campaigns.output.report.view import CampaignView
from crossfix.campaigns.result import Timeline

BINS = 240
ROWS = 12


@dataclass(frozen=True)
class Row:
    """One line of the timeline: a path over ``bins`` by 100, scaled to its own highest bin."""

    label: str
    anchor: str | None
    colour: int | None
    path: str
    most: int


@dataclass(frozen=True)
class TimelineView:
    """The rows, the bins in seconds since 1970, and which bins each campaign is active in."""

    start: int
    bin_seconds: int
    bins: int
    rows: tuple[Row, ...]
    active: dict[str, str]
    ticks: tuple[tuple[float, str], ...]


def timeline_view(timeline: Timeline, campaigns: Sequence[CampaignView]) -> TimelineView:
    """Join bins until there are at most `BINS`, and draw everyone and the first `ROWS` campaigns.

    ``active`` gives, by anchor, one character a bin: 1 where the campaign did anything, else 0.
    """
    joined = max(1, -(-len(timeline.everyone) // BINS))
    everyone = _rebinned(timeline.everyone, joined)
    rows = [_row("Everyone", None, everyone)]
    active = {}
    for view in campaigns:
        counts = _rebinned(timeline.campaigns.get(view.campaign.id, ()), joined)
        if not any(counts):
            continue
        active[view.anchor] = "".join("1" if c else "0" for c in counts)
        if len(rows) <= ROWS:
            rows.append(_row(f"Campaign {view.number}", view, counts))
    seconds = timeline.bin_seconds * joined
    start = int(timeline.start.timestamp())
    ticks = _ticks(timeline.start, seconds, len(everyone))
    return TimelineView(start, seconds, len(everyone), tuple(rows), active, ticks)


def _rebinned(counts: Sequence[int], joined: int) -> list[int]:
    return [sum(counts[i : i + joined]) for i in range(0, len(counts), joined)]


def _row(label: str, view: CampaignView | None, counts: Sequence[int]) -> Row:
    most = max(counts, default=0)
    path = []
    for i, count in enumerate(counts):
        if count:
            height = max(6.0, 100 * count / most)
            path.append(f"M{i} 100v{-height:.0f}h1V100z")
    anchor, colour = (view.anchor, view.colour) if view else (None, None)
    return Row(label, anchor, colour, "".join(path), most)


def _ticks(start: datetime, seconds: int, bins: int) -> tuple[tuple[float, str], ...]:
    """Return five dates and their places in per cent of the width."""
    if bins == 0:
        return ()
    form = "%Y-%m-%d" if bins * seconds > 3 * 86_400 else "%m-%d %H:%M"
    return tuple(
        (25.0 * i, f"{start + timedelta(seconds=seconds * bins * i / 4):{form}}") for i in range(5)
    )
