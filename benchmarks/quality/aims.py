"""Aims: what a figure must reach, and which did not."""

from __future__ import annotations

import sys


class Aims:
    """Collects figures and their aims; ``close`` prints them and gives the exit code."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, float, str, bool]] = []

    def least(self, what: str, value: float, aim: float) -> None:
        """Want ``value`` at ``aim`` or above; NaN misses."""
        self._rows.append((what, value, f">= {aim:g}", value >= aim))

    def most(self, what: str, value: float, aim: float) -> None:
        """Want ``value`` at ``aim`` or below; NaN misses."""
        self._rows.append((what, value, f"<= {aim:g}", value <= aim))

    def close(self) -> int:
        """Print a table of the aims, and on stderr those missed; return 1 if there are any."""
        table(
            ("aim", "wanted", "measured", ""),
            [
                (what, wanted, f"{value:.4f}", "reached" if reached else "MISSED")
                for what, value, wanted, reached in self._rows
            ],
        )
        missed = [what for what, _, _, reached in self._rows if not reached]
        if missed:
            print(f"missed: {'; '.join(missed)}", file=sys.stderr)
        return 1 if missed else 0


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print a Markdown table; floats with three digits after the point."""
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(_cell(value) for value in row)} |")
    sys.stdout.flush()


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
