"""The folder that a verb writes to: made before the work, so that a wrong one is said at once."""

from __future__ import annotations

from pathlib import Path

REFUSED = "refused.jsonl"
"""The file of the rows that no reader could use, made where there are any."""


def fresh_folder(out: Path) -> None:
    """Make a folder, without what an earlier run refused: it is not to be taken for this one's.

    Raises:
        InputError: it is a file, or cannot be written to.
    """
    from crossfix.errors import InputError

    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / REFUSED).unlink(missing_ok=True)
    except FileExistsError as e:
        raise InputError("this is a file, not a folder", path=str(out)) from e
    except OSError as e:
        raise InputError(f"this folder cannot be written to: {e.strerror}", path=str(out)) from e
