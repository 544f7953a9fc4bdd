"""The network picture: data for the page's canvas, and circles for those without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

from crossfix.campaigns.output.hostile import spelled
from crossfix.campaigns.output.report.view import CampaignView
from crossfix.campaigns.result import Edge, Node

NODES = 6_000
EDGES = 15_000
_GRID = 10_000
_NAME = 60


@dataclass(frozen=True)
class Circle:
    """A community: its number, link and colour, and its place in a picture of 1,000 by 1,000."""

    number: int
    anchor: str
    colour: int
    x: float
    y: float
    r: float
    accounts: int


@dataclass(frozen=True)
class Picture:
    """What is drawn, and what was left out."""

    data: dict[str, Any]
    circles: tuple[Circle, ...]
    nodes: int
    edges: int
    all_nodes: int
    all_edges: int


def picture(
    nodes: Sequence[Node], edges: Sequence[Edge], campaigns: Sequence[CampaignView]
) -> Picture:
    """Choose the strongest nodes and lines and put them into short columns of numbers."""
    rank = {c.campaign.id: i for i, c in enumerate(campaigns)}
    kept = sorted(nodes, key=lambda n: (n.campaign is None, -n.score, n.account))[:NODES]
    at = {node.account: i for i, node in enumerate(kept)}
    lines = [e for e in edges if e.source in at and e.target in at]
    lines = sorted(lines, key=lambda e: (-e.weight, e.source, e.target))[:EDGES]
    kinds = sorted({", ".join(e.kinds) for e in lines})
    kind_at = {kind: i for i, kind in enumerate(kinds)}
    data = {
        "campaigns": [[c.number, c.anchor, c.colour] for c in campaigns],
        "kinds": kinds,
        "x": [round(n.x * _GRID) for n in kept],
        "y": [round(n.y * _GRID) for n in kept],
        "c": [rank.get(n.campaign or "", -1) for n in kept],
        "s": [round(100 * n.score) for n in kept],
        "a": [spelled(n.account, _NAME) for n in kept],
        "from": [at[e.source] for e in lines],
        "to": [at[e.target] for e in lines],
        "k": [kind_at[", ".join(e.kinds)] for e in lines],
    }
    circles = _circles(kept, campaigns)
    return Picture(data, circles, len(kept), len(lines), len(nodes), len(edges))


def _circles(nodes: Sequence[Node], campaigns: Sequence[CampaignView]) -> tuple[Circle, ...]:
    members: dict[str, list[Node]] = {}
    for node in nodes:
        if node.campaign is not None:
            members.setdefault(node.campaign, []).append(node)
    circles = []
    for view in campaigns:
        mine = members.get(view.campaign.id)
        if not mine:
            continue
        x = sum(n.x for n in mine) / len(mine)
        y = sum(n.y for n in mine) / len(mine)
        r = max(hypot(n.x - x, n.y - y) for n in mine) + 0.008
        place = (round(1000 * x, 1), round(1000 * y, 1), round(1000 * r, 1))
        circles.append(Circle(view.number, view.anchor, view.colour, *place, len(mine)))
    return tuple(circles)
