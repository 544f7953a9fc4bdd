"""The plot: detection against each evasion alone and all together, and over the rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from crossfix.redteam.rounds import Round
from crossfix.redteam.sweep import BROKEN, Point

COLUMNS, WIDTH, MARGIN = 4, 960, 40
PANEL_WIDTH, PANEL_HEIGHT, GAP, TITLE = 190, 110, 40, 52
WIDE, TALL = 420, 200
CLASSES = {
    "public": "a",
    "platform": "b",
    "platform, remembering": "c",
    "AI logs": "d",
}
"""Setting -> the class of its line."""

_STYLE = """
.page { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #1d2430 }
.title { font-weight: 600; font-size: 13px } .head { font-weight: 700; font-size: 16px }
.soft { fill: #5a6678 } .frame { fill: none; stroke: #c3cad4 } .half { stroke: #c3cad4;
stroke-dasharray: 2 4 } .line { fill: none; stroke-width: 2.4; stroke-linejoin: round }
.a { stroke: #1f6fd0 } .b { stroke: #d9601a } .c { stroke: #7b3fb5 } .d { stroke: #12805c }
.reach { stroke: #7a8699; stroke-width: 1.5; stroke-dasharray: 5 4 }
circle { stroke: none } circle.a { fill: #1f6fd0 } circle.b { fill: #d9601a }
circle.c { fill: #7b3fb5 } circle.d { fill: #12805c }
@media (prefers-color-scheme: dark) { .page { fill: #0f141b } text { fill: #e6eaf0 }
.soft { fill: #9aa6b8 } .frame, .half { stroke: #3a4556 } .a { stroke: #62a8ff }
.b { stroke: #ff9a5c } .c { stroke: #c08cff } .d { stroke: #4fd1a5 } circle.a { fill: #62a8ff }
circle.b { fill: #ff9a5c } circle.c { fill: #c08cff }
circle.d { fill: #4fd1a5 } }
"""
_Line = Sequence[tuple[float, float]]


def picture(points: Sequence[Point], played: Mapping[str, Sequence[Round]]) -> str:
    """Return the plot as SVG; parts without data are left out."""
    body: list[str] = []
    top = 0
    for views in _together(points):
        top = _sweeps(body, [p for p in points if p.view in views], top)
    if played:
        top = _rounds(body, played, top)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">',
        "<title>The red team: detection against evasions, and over rounds</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{top}"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _together(points: Sequence[Point]) -> list[list[str]]:
    """Return views that know the same evasions: they share a panel."""
    known: dict[frozenset[str], list[str]] = {}
    for view in dict.fromkeys(p.view for p in points):
        names = frozenset(p.evasion for p in points if p.view == view)
        known.setdefault(names, []).append(view)
    return list(known.values())


def _sweeps(body: list[str], points: Sequence[Point], top: int) -> int:
    """Draw a panel for each evasion; return where it ends."""
    names = list(dict.fromkeys(p.evasion for p in points))
    views = list(dict.fromkeys(p.view for p in points))
    body.append(_text(MARGIN, top + 28, f"Each evasion alone: {', '.join(views)}", "head"))
    body.append(_text(MARGIN, top + 46, "across: level of the evasion, 0 to 1", "soft"))
    _legend(body, top + 28, [(f"found, {view}", CLASSES[view]) for view in views], "reach left")
    for number, name in enumerate(names):
        row, column = divmod(number, COLUMNS)
        x = MARGIN + column * (PANEL_WIDTH + GAP)
        y = top + TITLE + 24 + row * (PANEL_HEIGHT + GAP)
        _frame(body, x, y, PANEL_WIDTH, PANEL_HEIGHT, name.replace("_", " "))
        of = [p for p in points if p.evasion == name]
        first = [p for p in of if p.view == views[0]]
        body.append(_line([(p.level, p.reach) for p in first], x, y, PANEL_WIDTH, PANEL_HEIGHT,
                          "reach"))  # fmt: skip
        for offset, view in enumerate(views):
            line = [(p.level, p.found) for p in of if p.view == view]
            body += _marked(line, x, y + 2 * offset, PANEL_WIDTH, PANEL_HEIGHT, CLASSES[view])
    rows = -(-len(names) // COLUMNS)
    return top + TITLE + 24 + rows * (PANEL_HEIGHT + GAP)


def _rounds(body: list[str], played: Mapping[str, Sequence[Round]], top: int) -> int:
    """Draw what became of the playbook that the adversary runs, round by round."""
    most = max(len(rounds) for rounds in played.values())
    body.append(_text(MARGIN, top + 28, "The adversary learns", "head"))
    said = f"across: rounds 1 to {most}; the playbook that the adversary holds to be its best"
    body.append(_text(MARGIN, top + 46, said, "soft"))
    _legend(body, top + 28, [(name, CLASSES[name]) for name in played], None)
    for column, (title, what) in enumerate(
        (("share of its accounts found", "found"), ("reach delivered", "delivered"))
    ):
        x, y = MARGIN + column * (WIDE + GAP), top + TITLE + 24
        _frame(body, x, y, WIDE, TALL, title)
        for offset, (name, rounds) in enumerate(played.items()):
            line = [(r.number / max(1, most - 1), getattr(r.fates[0], what)) for r in rounds]
            body += _marked(line, x, y + 2 * offset, WIDE, TALL, CLASSES[name])
    return top + TITLE + 24 + TALL + GAP


def _frame(body: list[str], x: float, y: float, width: float, height: float, title: str) -> None:
    half = y + height * (1 - BROKEN)
    body.append(f'<rect class="frame" x="{x}" y="{y}" width="{width}" height="{height}"/>')
    body.append(f'<path class="half" d="M{x} {half:g}h{width}"/>')
    body.append(_text(x, y - 6, title, "title"))
    for value, at in (("1", y + 10), ("½", half + 4), ("0", y + height)):
        body.append(_text(x - 14, at, value, "soft"))


def _legend(
    body: list[str], y: float, lines: Sequence[tuple[str, str]], dashed: str | None
) -> None:
    entries = [*lines, *([(dashed, "reach")] if dashed else [])]
    x = WIDTH - MARGIN
    for said, name in reversed(entries):
        x -= 7 * len(said) + 44
        body.append(f'<path class="line {name}" d="M{x} {y - 4}h28"/>')
        body.append(_text(x + 34, y, said))


def _marked(line: _Line, x: float, y: float, width: float, height: float, name: str) -> list[str]:
    dots = [
        f'<circle class="{name}" r="3" cx="{x + at * width:.1f}" cy="{_up(value, y, height):.1f}"/>'
        for at, value in line
    ]
    return [_line(line, x, y, width, height, name), *dots]


def _line(line: _Line, x: float, y: float, width: float, height: float, name: str) -> str:
    places = (f"{x + at * width:.1f} {_up(value, y, height):.1f}" for at, value in line)
    return f'<path class="line {name}" d="M{"L".join(places)}"/>'


def _up(value: float, y: float, height: float) -> float:
    return y + height * (1 - min(1.0, max(0.0, value)))


def _text(x: float, y: float, said: str, name: str = "") -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escape(said)}</text>'
