"""What the red team found, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from pathlib import Path

from crossfix.redteam.cases import CASE_NAMES
from crossfix.redteam.evasion import NAMES, Playbook
from crossfix.redteam.rounds import Round
from crossfix.redteam.sweep import Point

COLUMNS = (
    "setting", "round", "crew", "accounts", "found", "removed", "precision", "bystanders", "reach",
    "delivered", *NAMES, *(name for name in CASE_NAMES if name not in NAMES),
)  # fmt: skip
"""The columns of ``redteam.csv``; the last are the playbook's levels, empty where it has none."""

POINT_COLUMNS = tuple(field.name for field in fields(Point))
"""The columns of ``evasions.csv``."""


def write_rounds(path: Path, played: Mapping[str, Sequence[Round]]) -> None:
    """Write a row for each operation of each round; the first crew runs the best playbook known."""
    rows = (
        (setting, r.number, crew, f.accounts, f.found, f.removed, r.precision, r.bystanders,
         f.reach, f.delivered, *_levels(f.playbook))
        for setting, rounds in played.items()
        for r in rounds
        for crew, f in enumerate(r.fates)
    )  # fmt: skip
    _write(path, COLUMNS, rows)


def _levels(playbook: Playbook) -> list[object]:
    names = COLUMNS[COLUMNS.index("delivered") + 1 :]
    return [playbook[name] if name in playbook.names else "" for name in names]


def write_points(path: Path, points: Iterable[Point]) -> None:
    """Write a row for each evasion, level and view."""
    _write(path, POINT_COLUMNS, map(astuple, points))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else value
