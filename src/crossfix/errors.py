"""Every error that crossfix raises on purpose.

::

    CrossfixError                 exit 1: something failed
    ├── InputError                exit 2: what was given cannot be used as it is
    │   ├── FormatError           a file is not of the format it was read as
    │   ├── ColumnError           a table lacks a column that is needed
    │   ├── SettingError          a setting has a wrong name or value
    │   └── PolicyError           policies are not written as they must be
    ├── OutsideError              exit 3: something outside crossfix is not as needed
    │   ├── MissingExtraError     an optional dependency is not installed
    │   └── StoreError            a database or the disk refused
    └── IntegrityError            what was stored is not what was written
"""

from __future__ import annotations

from typing import ClassVar


class CrossfixError(Exception):
    """Something failed: one sentence of what happened, where, and what to do.

    Attributes:
        message: what happened.
        path, line, column: where, as far as it is known.
        hint: what to do about it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        where = ":".join(str(p) for p in (self.path, self.line, self.column) if p is not None)
        said = f"{where}: {self.message}" if where else self.message
        return f"{said}\n{self.hint}" if self.hint else said


class InputError(CrossfixError):
    """What was given cannot be used as it is."""

    exit_code = 2


class FormatError(InputError):
    """A file is not of the format it was read as."""


class ColumnError(InputError):
    """A table lacks a column that is needed."""


class SettingError(InputError):
    """A setting has a wrong name or value."""


class PolicyError(InputError):
    """Policies are not written as they must be.

    Attributes:
        mistakes: every one of all files, with its place.
    """

    def __init__(self, message: str, *, mistakes: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class OutsideError(CrossfixError):
    """Something outside crossfix is not as needed."""

    exit_code = 3


class MissingExtraError(OutsideError):
    """An optional dependency is not installed."""


class StoreError(OutsideError):
    """A database or the disk refused."""


class IntegrityError(CrossfixError):
    """What was stored is not what was written."""
