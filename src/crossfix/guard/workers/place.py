"""Which of several workers a process is."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's number from 0, how many there are, and the folder that they have in common.

    The folder is private to the user that runs them and is gone when they are.
    """

    slot: int
    count: int
    folder: str

    def others(self) -> list[int]:
        """Return the numbers of the other workers."""
        return [slot for slot in range(self.count) if slot != self.slot]

    def address(self, slot: int) -> Path:
        """Return the socket that a worker listens at for the others."""
        return Path(self.folder) / f"{slot}.sock"

    def numbers(self, slot: int) -> Path:
        """Return the file in which a worker's metrics are."""
        return Path(self.folder) / f"{slot}.numbers"

    def ready(self, slot: int) -> Path:
        """Return the file that is there once a worker has answered for the first time."""
        return Path(self.folder) / f"{slot}.ready"
