"""One file of vectors: written once, mapped into memory, its rows ordered by cell.

The file is five blocks, one after the other: where cells begin, numbers, times, sketches, vectors
in 16 bits a number (32767 is 1). What a file holds, and its checksum, stands in the index's own
list.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import xxhash
from numpy.typing import NDArray

from crossfix.content.vectors.centres import Centres
from crossfix.content.vectors.near import Vectors
from crossfix.content.vectors.sketch import Rows, sketch, words_of
from crossfix.errors import IntegrityError

Shorts = NDArray[np.int16]
"""Vectors of length 1 in 16 bits a number: a cosine is wrong by some 0.00001."""

ONE = 32_767

_PIECE = 1 << 24
_ROWS_AT_A_TIME = 16_384


class Entry(msgspec.Struct, frozen=True):
    """What the index's list says of a file; first, last, since and until are included."""

    file: str
    rows: int
    cells: int
    checksum: str
    first: int
    last: int
    since: int
    until: int


class Segment:
    """The rows of one file."""

    def __init__(self, folder: Path, entry: Entry, dimensions: int, *, checked: bool) -> None:
        """Map a file into memory.

        Raises:
            IntegrityError: it is not there, or not what was written (``checked``: in every byte).
        """
        self.path, self.entry, self.dimensions = folder / entry.file, entry, dimensions
        rows, words = entry.rows, words_of(dimensions)
        shapes: list[tuple[str, tuple[int, ...]]] = [
            ("<i8", (entry.cells + 1,)), ("<i8", (rows,)), ("<i8", (rows,)),
            ("<u8", (rows, words)), ("<i2", (rows, dimensions)),
        ]  # fmt: skip
        size = sum(np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in shapes)
        if not self.path.is_file() or self.path.stat().st_size != size:
            raise IntegrityError("a file of the vector index is cut off or gone", path=str(folder))
        if checked and checksum_of(self.path) != entry.checksum:
            raise IntegrityError("a file of the vector index is damaged", path=str(self.path))
        blocks, at = [], 0
        for kind, shape in shapes:
            blocks.append(np.memmap(self.path, kind, "r", at, shape))
            at += blocks[-1].nbytes
        # Plain views of the mapped memory: compiled code takes nothing else.
        self.starts, self.numbers, self.times, self.sketches, self.vectors = map(np.asarray, blocks)

    def __len__(self) -> int:
        return self.entry.rows

    def ranges(self, cells: Rows) -> tuple[Rows, Rows]:
        """Return where the rows of cells begin and end."""
        return self.starts[cells], self.starts[cells + 1]

    def exactly(self, rows: Rows) -> Vectors:
        """Return vectors of some rows."""
        return wide(self.vectors[rows])


def short(vectors: Vectors) -> Shorts:
    """Return vectors as they are kept."""
    kept: Shorts = np.rint(vectors * ONE).astype(np.int16)
    return kept


def wide(kept: Shorts) -> Vectors:
    """Return kept vectors as numbers to multiply."""
    vectors = kept.astype(np.float32)
    vectors *= np.float32(1 / ONE)
    return vectors


def checksum_of(path: Path) -> str:
    """Return the checksum of a file (XXH3-64 in hex)."""
    state = xxhash.xxh3_64()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            state.update(piece)
    return state.hexdigest()


def written(
    folder: Path, name: str, centres: Centres, numbers: Rows, times: Rows,
    parts: Sequence[Shorts],
) -> Segment:  # fmt: skip
    """Write rows to a new file, put it in its place at once, and return it.

    ``parts``, one after the other, are the vectors of ``numbers`` and ``times``.
    """
    dimensions, rows = parts[0].shape[1], len(numbers)
    cell = np.concatenate([centres.cells(wide(piece)) for piece in _pieces(parts)])
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(len(centres) + 1)).astype("<i8")
    state, temporary = xxhash.xxh3_64(), folder / f"{name}.part"
    with temporary.open("wb") as file:

        def put(block: NDArray[np.generic]) -> None:
            raw = np.ascontiguousarray(block).data.cast("B") if block.size else b""
            state.update(raw)
            file.write(raw)

        for column in (starts, numbers[order].astype("<i8"), times[order].astype("<i8")):
            put(column)
        for at in range(0, rows, _ROWS_AT_A_TIME):
            chosen = _taken(parts, order[at : at + _ROWS_AT_A_TIME])
            put(sketch(wide(chosen), centres.middle).astype("<u8"))
        for at in range(0, rows, _ROWS_AT_A_TIME):
            put(_taken(parts, order[at : at + _ROWS_AT_A_TIME]).astype("<i2"))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / name)
    entry = Entry(
        name, rows, len(centres), state.hexdigest(), int(numbers.min()), int(numbers.max()),
        int(times.min()), int(times.max()),
    )  # fmt: skip
    return Segment(folder, entry, dimensions, checked=False)


def _pieces(parts: Sequence[Shorts]) -> Iterator[Shorts]:
    for part in parts:
        for at in range(0, len(part), _ROWS_AT_A_TIME):
            yield part[at : at + _ROWS_AT_A_TIME]


def _taken(parts: Sequence[Shorts], rows: Rows) -> Shorts:
    """Return rows of parts that count as one."""
    ends = np.cumsum([len(part) for part in parts])
    which = np.searchsorted(ends, rows, side="right")
    taken = np.empty((len(rows), parts[0].shape[1]), dtype=np.int16)
    for number in np.unique(which).tolist():
        own = which == number
        begin = int(ends[number]) - len(parts[number])
        taken[own] = parts[number][rows[own] - begin]
    return taken
