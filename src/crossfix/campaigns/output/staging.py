"""Files that appear in a folder whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crossfix.errors import InputError, StoreError


@contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """Hand out an empty folder whose files move into ``directory`` when all are written.

    Each file is forced to the disk and renamed over the one of its name, so that a reader sees the
    old file or the new one, never half of either. Where the block fails nothing moves, and other
    files of ``directory`` are never touched.

    Raises `InputError` where ``directory`` cannot be a folder, `StoreError` where the disk refuses.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".crossfix-", dir=directory))
    except (FileExistsError, NotADirectoryError) as e:
        raise InputError("This is a file, not a folder.", path=str(directory)) from e
    except OSError as e:
        raise _refused(directory, e) from e
    try:
        yield stage
        made = sorted(path for path in stage.rglob("*") if path.is_file())
        for path in made:
            _force(path)
        for path in made:
            place = directory / path.relative_to(stage)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
        _force(directory)
    except OSError as e:
        raise _refused(directory, e) from e
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _refused(directory: Path, error: OSError) -> StoreError:
    return StoreError(
        f"Writing failed: {error.strerror or error}.",
        path=str(directory),
        hint="Nothing was replaced that could not be written in full.",
    )


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
