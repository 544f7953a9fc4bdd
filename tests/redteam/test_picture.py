import xml.etree.ElementTree as ET

import pytest

from crossfix.redteam.cases import CaseArena
from crossfix.redteam.evasion import NAIVE
from crossfix.redteam.picture import CLASSES, picture
from crossfix.redteam.rounds import Fate, Round
from crossfix.redteam.stage import SocialArena
from crossfix.redteam.sweep import Point, tried

ALONE = tried(SocialArena("public", 6_000))
CASES = tried(CaseArena(600))
SVG = "{http://www.w3.org/2000/svg}"


def points() -> list[Point]:
    return [
        Point(name, level, view, 1, 1 - level, 0.0, 1.0, 0.0, 1 - level / 2)
        for view, names in (("public", ALONE), ("platform", ALONE), ("AI logs", CASES))
        for name in names
        for level in (0.0, 1.0)
    ]  # fmt: skip


def played() -> dict[str, list[Round]]:
    fate = Fate(NAIVE, 14, 0.25, 0.0, 1.0)
    return {name: [Round(n, (fate, fate), 1.0, 0) for n in range(5)] for name in CLASSES}


@pytest.mark.parametrize("rounds", [True, False], ids=["with-rounds", "without"])
def test_every_evasion_has_a_panel_with_a_line_a_view(rounds: bool) -> None:
    drawn = ET.fromstring(picture(points(), played() if rounds else {}))
    said = [text.text for text in drawn.iter(f"{SVG}text")]
    for name in (*ALONE, *CASES):
        assert name.replace("_", " ") in said
    frames = [r for r in drawn.iter(f"{SVG}rect") if r.get("class") == "frame"]
    assert len(frames) == len(ALONE) + len(CASES) + 2 * rounds
    dots = [c for c in drawn.iter(f"{SVG}circle") if c.get("class") == "b"]
    assert len(dots) == 2 * len(ALONE) + (10 if rounds else 0)


def test_everything_stands_inside_the_page() -> None:
    drawn = ET.fromstring(picture(points(), played()))
    width, height = map(float, str(drawn.get("viewBox")).split()[2:])
    for dot in drawn.iter(f"{SVG}circle"):
        assert 0 < float(str(dot.get("cx"))) < width
        assert 0 < float(str(dot.get("cy"))) < height


def test_a_line_falls_as_detection_does() -> None:
    drawn = ET.fromstring(picture(points()[:2], {}))
    first, last = (float(str(c.get("cy"))) for c in drawn.iter(f"{SVG}circle"))
    assert first < last
