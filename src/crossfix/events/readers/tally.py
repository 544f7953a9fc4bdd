"""The account that each file ends in: rows read, rows skipped and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from crossfix.counted import counted

Refuse = Callable[[str, int, str], None]
"""Called with (reason, line or row number from 1, the row as text) for each refused row."""


@dataclass
class Tally:
    """How many rows of one file became events, and why the others did not.

    ``read`` counts events made, ``skipped`` counts refused rows by reason, ``notes`` says what a
    reader had to decide (an encoding, a column, a date order), so that nothing is guessed silently.
    """

    path: str
    format: str = ""
    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    refuse: Refuse | None = None

    def skip(self, reason: str, number: int, row: str) -> None:
        """Count a refused row and hand it to the side file."""
        self.skipped[reason] += 1
        if self.refuse is not None:
            self.refuse(reason, number, row)

    def note(self, said: str) -> None:
        """Keep one sentence about a decision, once."""
        if said not in self.notes:
            self.notes.append(said)

    def __str__(self) -> str:
        """Say it in one line."""
        lost = sum(self.skipped.values())
        why = ", ".join(f"{n:,} {reason}" for reason, n in self.skipped.most_common())
        read, skipped = counted(self.read, "event"), counted(lost, "row")
        line = f"{self.path}: {self.format}, {read} read, {skipped} skipped"
        return f"{line} ({why})" if why else line
