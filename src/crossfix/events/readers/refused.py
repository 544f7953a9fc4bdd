"""The side file of refused rows: nothing that was given is lost without a trace."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from crossfix.errors import StoreError
from crossfix.events.readers.tally import Refuse


class SideFile:
    """Refused rows as JSON Lines: ``file``, ``row`` (from 1), ``reason``, ``content`` (2 KiB).

    The file is made with the first refused row, and goes on when it is entered again; without a
    path nothing is written.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self._made = False

    def of(self, file: str) -> Refuse | None:
        """Return what a tally calls for each refused row of a file."""
        if self.path is None:
            return None
        return lambda reason, row, content: self._write(file, reason, row, content)

    def _write(self, file: str, reason: str, row: int, content: str) -> None:
        line = {"file": file, "row": row, "reason": reason, "content": content}
        clean = {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v
                 for k, v in line.items()}  # fmt: skip
        try:
            if self._file is None and self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("ab" if self._made else "wb")
                self._made = True
            if self._file is not None:
                self._file.write(msgspec.json.encode(clean) + b"\n")
        except OSError as refused:
            raise StoreError(f"refused rows cannot be written ({refused.strerror})",
                             path=str(self.path)) from None  # fmt: skip

    def __enter__(self) -> SideFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
