"""``crossfix redteam`` against the hunt itself."""

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossfix.cli import cli
from crossfix.cli.red_detector import Remembering
from crossfix.cli.redteam import FILES, SETTINGS
from crossfix.errors import InputError, SettingError
from crossfix.redteam.evasion import NAIVE
from crossfix.redteam.rounds import run
from crossfix.redteam.stage import SocialArena
from crossfix.redteam.tables import COLUMNS, POINT_COLUMNS
from crossfix.store.registry import open_registry

SMALL = ["--posts", "6000", "--seed", "2"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a small game and what was said."""
    out = tmp_path_factory.mktemp("redteam") / "out"
    call = ["redteam", "--out", str(out), "--rounds", "2", "--worlds", "1", "--evasion", "cells"]
    printed = CliRunner().invoke(cli, [*call, *SMALL], catch_exceptions=False)
    assert printed.exit_code == 0
    return out, printed.stdout


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_hunt_finds_who_evades_nothing_and_misses_cells_of_two(told: tuple[Path, str]) -> None:
    points = rows(told[0] / "evasions.csv")
    assert tuple(points[0]) == POINT_COLUMNS
    found = {(p["view"], float(p["level"])): float(p["found"]) for p in points}
    for view in ("public", "platform"):
        assert found[view, 0.0] >= 0.9
    assert found["public", 1.0] == 0


def test_every_round_of_every_setting_is_written_down(told: tuple[Path, str]) -> None:
    played = rows(told[0] / "redteam.csv")
    assert tuple(played[0]) == COLUMNS
    assert list(dict.fromkeys(r["setting"] for r in played)) == list(SETTINGS)
    assert len(played) == len(SETTINGS) * 2 * 3
    first = [r for r in played if r["round"] == "0"]
    for setting in SETTINGS:
        found = [float(r["found"]) for r in first if r["setting"] == setting]
        assert min(found) >= (0.6 if setting == "AI logs" else 0.9)
    assert {r["reach"] for r in first} == {"1"}


def test_the_plot_is_a_picture_and_the_words_are_said_and_written(told: tuple[Path, str]) -> None:
    out, said = told
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)
    drawn = ET.fromstring((out / "redteam.svg").read_text(encoding="utf-8"))
    assert drawn.tag.endswith("svg")
    lines = said.splitlines()
    assert lines
    written = (out / "redteam.md").read_text(encoding="utf-8")
    assert all(line in written for line in lines)
    assert any("cheapest" in line and "cells" in line for line in lines)


def test_a_detector_with_a_memory_knows_devices_and_sites_again(tmp_path: Path) -> None:
    with open_registry(f"sqlite:///{tmp_path}/registry.db") as registry:
        detector = Remembering(registry, seed=1)
        seen = []

        def spied(files):  # type: ignore[no-untyped-def]
            seen.append(detector(files))
            return seen[-1]

        for number in (0, 1):
            arena = SocialArena("platform", 6000, memory=True)
            played = run(arena, [NAIVE], spied, seed=60 + number, number=number)
            assert played.fates[0].found >= 0.9
    assert not seen[0].known
    assert len(seen[1].known) >= 14


@pytest.mark.parametrize(
    ("more", "error"),
    [(["--evasion", "magic"], SettingError), (["--rounds", "0", "--worlds", "0"], InputError)],
    ids=["unknown", "nothing"],
)
def test_what_cannot_be_tried_is_refused(
    more: list[str], error: type[Exception], tmp_path: Path
) -> None:
    ended = CliRunner().invoke(cli, ["redteam", "--out", str(tmp_path / "o"), *more, *SMALL])
    assert isinstance(ended.exception, error)
    assert not (tmp_path / "o").exists()
