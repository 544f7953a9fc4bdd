"""An index of vectors on disk that grows, expires, survives a crash and notices damage.

Rows lie in files that are written once and mapped into memory. A search looks at the sketches of
the cells nearest to what is asked and compares the closest rows exactly. Files of like size are
merged as they come, and cells are made anew whenever the index has grown four times, so that
growing costs a fixed number of passes over what is there.

One process writes to an index at a time. Numbers are the caller's and should be unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from crossfix.content.vectors.centres import FROM, Centres, how_many, sampled, trained
from crossfix.content.vectors.lost import EVERYTHING, Lost
from crossfix.content.vectors.manifest import (
    FILE,
    Manifest,
    read_centres,
    read_manifest,
    write_centres,
    write_manifest,
)
from crossfix.content.vectors.near import NONE, Near, Vectors
from crossfix.content.vectors.segment import Entry, Segment, Shorts, short, written
from crossfix.content.vectors.sketch import Rows, closest, sketch
from crossfix.errors import IntegrityError

Batch = tuple[Rows, Rows, Vectors]
"""Numbers, times (UTC microseconds) and vectors."""

PROBES = 64
CLOSEST = 256
"""Rows of which exact cosines are taken, those with the closest sketches."""

MERGED = 8
"""So many files of like size become one."""

LARGEST = 1 << 20
"""Rows of a file from which it is merged no further."""

GROWN = 4


class VectorIndex:
    """Vectors of one encoder, by number and time."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Take an index as it is listed; use `open` instead."""
        self.folder, self._manifest = folder, manifest
        self._segments: list[Segment] = []
        self._centres: Centres | None = None
        self.lost: tuple[Lost, ...] = ()

    @classmethod
    def open(cls, folder: Path, *, encoder: str, dimensions: int) -> VectorIndex:
        """Open the index in a folder, or begin one.

        Every byte is checked. What is damaged is left out and named in ``lost``; `restore` brings
        it back. Vectors of another encoder are of no use: they are lost as a whole.
        """
        folder.mkdir(parents=True, exist_ok=True)
        new = Manifest(encoder, dimensions)
        try:
            manifest = read_manifest(folder)
        except IntegrityError:
            index = cls(folder, new)
            index.lost = (EVERYTHING,)
        else:
            index = cls(folder, manifest or new)
            if manifest and (manifest.encoder, manifest.dimensions) != (encoder, dimensions):
                index = cls(folder, new)
                index.lost = (EVERYTHING,)
        index._load()
        return index

    def __len__(self) -> int:
        return sum(map(len, self._segments))

    @property
    def bytes(self) -> int:
        """What the files of the index take."""
        return sum(segment.path.stat().st_size for segment in self._segments)

    def add(self, numbers: Rows, times: Rows, vectors: Vectors) -> None:
        """Take vectors (of length 1) in; they are on disk when this returns.

        Raises:
            IntegrityError: they are not as long as those of the index.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self._manifest.dimensions:
            wanted = self._manifest.dimensions
            raise IntegrityError(f"vectors of {wanted} numbers are wanted", path=str(self.folder))
        if not len(numbers):
            return
        if self._centres is None:
            self._train(vectors)
        self._write(numbers, times, [short(vectors)])
        self._merge()
        if len(self) >= max(FROM, GROWN * self._manifest.trained):
            self._made_anew()
        self._keep()

    def expire(self, before: int) -> int:
        """Answer nothing older than a time any more; return how many rows were deleted for it.

        A file of which a part is too old is written anew once that is half of it.
        """
        kept: list[Segment] = []
        count = 0
        for segment in self._segments:
            old = segment.times < before
            if old.mean() < 0.5:
                kept.append(segment)
                continue
            count += int(old.sum())
            if not old.all():
                rows = np.flatnonzero(~old)
                parts = [segment.vectors[rows]]
                kept.append(self._written(parts, segment.numbers[rows], segment.times[rows]))
        self._segments = kept
        since = max(before, self._manifest.since)
        self._manifest = msgspec.structs.replace(self._manifest, since=since)
        self._keep()
        return count

    def nearest(
        self, vectors: Vectors, most: int, *, since: int | None = None, probes: int = PROBES
    ) -> Near:
        """Return the nearest rows of each vector; of those as near, the lowest numbers.

        ``since`` leaves out what is older. ``probes`` is into how many cells it looks: more find
        more of what is far, for more time.
        """
        numbers = np.full((len(vectors), most), NONE, dtype=np.int64)
        cosines = np.full((len(vectors), most), -1.0, dtype=np.float32)
        if self._centres is None or not self._segments:
            return Near(numbers, cosines)
        floor = self._manifest.since if since is None else max(since, self._manifest.since)
        asked = sketch(vectors, self._centres.middle)
        for row in range(len(vectors)):
            found, near = self._one(self._centres, vectors[row], asked[row], floor, probes)
            best = np.lexsort((found, -near))[:most]
            numbers[row, : len(best)], cosines[row, : len(best)] = found[best], near[best]
        return Near(numbers, cosines)

    def _one(
        self, centres: Centres, vector: NDArray[np.float32], asked: NDArray[np.uint64],
        since: int, probes: int,
    ) -> tuple[Rows, NDArray[np.float32]]:  # fmt: skip
        """Compare one vector with the rows whose sketches are closest to its own."""
        cells = centres.near(vector, probes)
        looked = [closest(s.sketches, *s.ranges(cells), asked, CLOSEST) for s in self._segments]
        bits = np.concatenate([differing for _, differing in looked])
        worst = np.partition(bits, CLOSEST)[CLOSEST] if len(bits) > CLOSEST else bits.max(initial=0)
        numbers, cosines = [], []
        for segment, (rows, differing) in zip(self._segments, looked, strict=True):
            rows = rows[(differing <= worst) & (segment.times[rows] >= since)]
            numbers.append(segment.numbers[rows])
            cosines.append(segment.exactly(rows) @ vector)
        return np.concatenate(numbers), np.concatenate(cosines)

    def restore(self, again: Callable[[Lost], Iterable[Batch]]) -> int:
        """Build what was lost again; return how many rows that were.

        ``again`` is asked for what lies between the numbers and times of each loss; what the index
        still has is not taken twice.
        """
        count = 0
        for lost in self.lost:
            for numbers, times, vectors in again(lost):
                new = ~self._has(numbers)
                new &= (times >= lost.since) & (times <= lost.until)
                self.add(numbers[new], times[new], vectors[new])
                count += int(new.sum())
        self.lost = ()
        return count

    def _has(self, numbers: Rows) -> NDArray[np.bool_]:
        held = [s.numbers for s in self._segments]
        return np.isin(numbers, np.concatenate(held)) if held else np.zeros(len(numbers), bool)

    def _load(self) -> None:
        manifest, lost = self._manifest, []
        for entry in manifest.segments:
            try:
                segment = Segment(self.folder, entry, manifest.dimensions, checked=True)
                self._segments.append(segment)
            except IntegrityError:
                lost.append(Lost(entry.rows, entry.first, entry.last, entry.since, entry.until))
        self.lost += tuple(lost)
        if self._segments:
            try:
                self._centres = read_centres(self.folder, manifest.centres, manifest.dimensions)
            except IntegrityError:
                self._made_anew()
        self._keep()

    def _train(self, sample: Vectors) -> None:
        """Make cells from a sample of vectors."""
        count = how_many(max(len(self), len(sample)))
        random = np.random.default_rng(0)
        chosen = np.sort(random.permutation(len(sample))[: sampled(count)])
        self._centres = trained(sample[chosen], count)
        name = f"centres-{self._manifest.next:08d}"
        write_centres(self.folder, name, self._centres)
        self._manifest = msgspec.structs.replace(
            self._manifest, centres=name, next=self._manifest.next + 1,
            trained=max(len(self), len(sample)),
        )  # fmt: skip

    def _made_anew(self) -> None:
        """Make cells from what is there now, and order every file by them."""
        count = how_many(len(self))
        share = min(1.0, sampled(count) / max(1, len(self)))
        random = np.random.default_rng(len(self))
        sample = [
            s.exactly(np.sort(random.permutation(len(s))[: max(1, round(share * len(s)))]))
            for s in self._segments
        ]
        self._train(np.concatenate(sample))
        old, self._segments = self._segments, []
        for segment in old:
            self._write(segment.numbers, segment.times, [segment.vectors])

    def _merge(self) -> None:
        """Join the newest files while there are many of like size."""
        while True:
            last = self._segments[-MERGED:]
            rank = {len(s).bit_length() // 3 for s in last}
            if len(last) < MERGED or len(rank) > 1 or sum(map(len, last)) > LARGEST:
                return
            self._segments = self._segments[:-MERGED]
            self._write(
                np.concatenate([s.numbers for s in last]),
                np.concatenate([s.times for s in last]),
                [s.vectors for s in last],
            )

    def _write(self, numbers: Rows, times: Rows, parts: list[Shorts]) -> None:
        self._segments.append(self._written(parts, numbers, times))

    def _written(self, parts: list[Shorts], numbers: Rows, times: Rows) -> Segment:
        if self._centres is None:
            raise RuntimeError("an index without cells has no rows")
        name = f"vectors-{self._manifest.next:08d}"
        self._manifest = msgspec.structs.replace(self._manifest, next=self._manifest.next + 1)
        return written(self.folder, name, self._centres, numbers, times, parts)

    def _keep(self) -> None:
        """List what is there, then delete every other file of the folder."""
        entries: tuple[Entry, ...] = tuple(segment.entry for segment in self._segments)
        self._manifest = msgspec.structs.replace(self._manifest, segments=entries)
        write_manifest(self.folder, self._manifest)
        kept = {FILE, self._manifest.centres, *(entry.file for entry in entries)}
        for path in self.folder.iterdir():
            if path.name not in kept and path.name.startswith(("vectors-", "centres-", FILE)):
                path.unlink()
