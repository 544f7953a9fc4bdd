"""Draw docs/images/network.svg: the network that a hunt drew, named by a world's ground truth.

Run ``crossfix scenario demo --posts 20000 --out drawn/world``, hunt through its files with
``--out drawn/found``, and then ``python docs/picture.py drawn``. Nothing but generated worlds may
be drawn here.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

IMAGE = Path(__file__).parent / "images" / "network.svg"
WIDTH, HEIGHT, MARGIN, NAMES = 960, 540, 24, 20
NAMED = {
    "amplify": "an operation that reposts its lead",
    "crossservice": "an operation on three services",
    "fans": "a fan club",
    "newsroom": "a newsroom",
}
_STYLE = """
.page { fill: #ffffff } .line { fill: none; stroke: #7a8699; stroke-opacity: .22 } .alone {
fill: #b4bcc8 }
text { font: 600 15px system-ui, sans-serif; fill: #1d2430; paint-order: stroke; stroke: #ffffff;
stroke-width: 4px; text-anchor: middle }
@media (prefers-color-scheme: dark) { .page { fill: #0f141b } .alone { fill: #4a5566 }
text { fill: #e6eaf0; stroke: #0f141b } }
"""


@dataclass(frozen=True)
class Dot:
    """An account in the picture."""

    account: str
    campaign: str
    x: float
    y: float
    r: float
    colour: str


def dots_and_lines(graph: Path) -> tuple[dict[str, Dot], list[tuple[str, str]]]:
    """Read the accounts and lines of a hunt's ``graph.gexf``, scaled into the picture."""
    root = etree.parse(str(graph)).getroot()
    name = "{http://gexf.net/1.3}"
    viz = "{http://gexf.net/1.3/viz}"
    nodes = list(root.iter(f"{name}node"))
    places = [node.find(f"{viz}position") for node in nodes]
    xs = [float(p.get("x")) for p in places]
    ys = [float(p.get("y")) for p in places]
    dots = {}
    for node, x, y in zip(nodes, xs, ys, strict=True):
        values = {v.get("for"): v.get("value") for v in node.iter(f"{name}attvalue")}
        colour = node.find(f"{viz}color")
        red, green, blue = (int(colour.get(part)) for part in "rgb")
        dots[node.get("id")] = Dot(
            node.get("label"),
            values["0"],
            _scaled(x, xs, WIDTH, MARGIN),
            HEIGHT - _scaled(y, ys, HEIGHT, MARGIN + NAMES),
            2.5 + 3.5 * float(values["1"]),
            f"#{red:02x}{green:02x}{blue:02x}",
        )
    edges = [(e.get("source"), e.get("target")) for e in root.iter(f"{name}edge")]
    return dots, edges


def _scaled(value: float, values: list[float], length: int, margin: int) -> float:
    low, high = min(values), max(values)
    return margin + (value - low) / ((high - low) or 1) * (length - 2 * margin)


def names(dots: dict[str, Dot], labels: Path) -> dict[str, str]:
    """Return what each campaign is in truth: what most of its members are."""
    with labels.open(encoding="utf-8", newline="") as file:
        kind = {f"{r['service']}:{r['account']}": r["kind"] for r in csv.DictReader(file)}
    counts: dict[str, Counter[str]] = {}
    for dot in dots.values():
        if dot.campaign:
            counts.setdefault(dot.campaign, Counter())[kind.get(dot.account, "ordinary")] += 1
    return {c: NAMED.get(n.most_common(1)[0][0], "ordinary accounts") for c, n in counts.items()}


def drawn(graph: Path, labels: Path) -> str:
    """Return the picture as SVG."""
    dots, lines = dots_and_lines(graph)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="t">',
        '<title id="t">The network that a hunt drew from a generated world</title>',
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    way = " ".join(
        f"M{dots[a].x:.0f} {dots[a].y:.0f}L{dots[b].x:.0f} {dots[b].y:.0f}" for a, b in lines
    )
    parts.append(f'<path class="line" d="{way}"/>')
    for dot in sorted(dots.values(), key=lambda d: (bool(d.campaign), d.account)):
        look = f'fill="{dot.colour}"' if dot.campaign else 'class="alone"'
        parts.append(f'<circle {look} cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{dot.r:.1f}"/>')
    for campaign, name in names(dots, labels).items():
        mine = [d for d in dots.values() if d.campaign == campaign]
        x = sum(d.x for d in mine) / len(mine)
        y = min(d.y for d in mine) - 12
        half = 4.2 * len(name)
        x = min(max(x, half), WIDTH - half)
        parts.append(f'<text x="{x:.1f}" y="{max(y, 16):.1f}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def main(folder: Path) -> None:
    """Draw the world and what was found below a folder."""
    svg = drawn(folder / "found" / "graph.gexf", folder / "world" / "labels.csv")
    IMAGE.write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
