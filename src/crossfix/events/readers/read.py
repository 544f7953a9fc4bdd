"""From the paths that somebody named to one stream of events, each once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from crossfix.errors import ColumnError, FormatError, InputError, SettingError
from crossfix.events.readers.duplicates import Seen
from crossfix.events.readers.entities import complete
from crossfix.events.readers.reader import Reader, ReadOptions
from crossfix.events.readers.refused import SideFile
from crossfix.events.readers.registry import choose
from crossfix.events.readers.services import service_of
from crossfix.events.readers.source import Source
from crossfix.events.readers.tally import Tally

Progress = Callable[[int, int], None]
"""Called with (bytes read so far, bytes in all); standard input counts as 0 of 0."""
Given = str | os.PathLike[str] | Source

DUPLICATE = "duplicate id"


class Reading:
    """The events of many files, read as they are asked for.

    Iterate once to get Arrow batches with the columns of `crossfix.events.SCHEMA`, their links,
    hashtags and mentions completed from the text, each event id once. ``tallies`` has one account
    for each file, complete when the iteration is.
    """

    def __init__(
        self,
        given: Sequence[Given],
        options: ReadOptions,
        format: str | None,
        side_file: Path | SideFile | None,
        progress: Progress | None,
    ) -> None:
        self.tallies: list[Tally] = []
        self._sources = [s if isinstance(s, Source) else Source.of(s) for s in given]
        self._options = options
        self._format = format
        self._side = side_file if isinstance(side_file, SideFile) else SideFile(side_file)
        self._progress = progress
        self._seen = Seen()
        self._done = 0
        self._total = sum(source.size or 0 for source in self._sources)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches; raises `InputError` if there is no event in any file."""
        with self._side:
            for source in self._sources:
                try:
                    yield from self._read(source)
                finally:
                    source.close()
                self._done += source.size or 0
                self._report()
        if not sum(tally.read for tally in self.tallies):
            raise InputError(
                "there are no events in what was given", hint="\n".join(map(str, self.tallies))
            )

    def _read(self, source: Source) -> Iterator[pa.RecordBatch]:
        self._refuse_empty(source)
        try:
            reader = choose(source, self._format)
        except FormatError:
            if not (source.directory or source.zipped) or self._format is not None:
                raise
            yield from self._members(source)
            return
        yield from self._with(reader, source)

    def _refuse_empty(self, source: Source) -> None:
        if not source.empty:
            return
        if source.size:
            raise InputError("the file is truncated or damaged: nothing in it can be read",
                             path=source.path)  # fmt: skip
        raise InputError("the file is empty", path=source.path)

    def _members(self, archive: Source) -> Iterator[pa.RecordBatch]:
        """Read each file of a folder or zip that some reader recognises; the others are noted."""
        for member in archive.members():
            try:
                reader = None if member.empty else choose(member)
            except InputError:
                reader = None
            if reader is None:
                tally = Tally(member.path, "none")
                tally.note("not read: no reader recognises this file")
                self.tallies.append(tally)
            else:
                yield from self._table_or_note(reader, member)
            member.close()

    def _table_or_note(self, reader: Reader, member: Source) -> Iterator[pa.RecordBatch]:
        """Read a member; a table that is none of events, beside files that are, is noted."""
        try:
            yield from self._with(reader, member)
        except ColumnError as e:
            if self.tallies[-1].read:
                raise
            self.tallies[-1].note(f"not read: {e.message}")

    def _with(self, reader: Reader, source: Source) -> Iterator[pa.RecordBatch]:
        tally = Tally(source.path, reader.name, refuse=self._side.of(source.path))
        self.tallies.append(tally)
        for batch in reader.read(source, self._options, tally):
            fresh = self._seen.fresh(batch["id"])
            if not fresh.all():
                again = int(len(fresh) - fresh.sum())
                tally.skipped[DUPLICATE] += again
                tally.read -= again
                batch = batch.filter(pa.array(fresh))
            self._report(source.consumed)
            if batch.num_rows:
                yield complete(batch)

    def _report(self, consumed: int = 0) -> None:
        if self._progress is not None:
            self._progress(min(self._done + consumed, self._total), self._total)


def read_files(
    given: Sequence[Given],
    options: ReadOptions,
    *,
    format: str | None = None,
    side_file: Path | SideFile | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read paths (``-`` is standard input), folders, zips or sources as one stream of events.

    Args:
        given: in the order in which they are read; the first of two events of one id is kept.
        format: the reader to use for all of them; else each is recognised.
        side_file: where refused rows go, as JSON Lines.
        progress: called after each batch.

    Raises:
        InputError: a path does not exist, a file is empty, or there are no events at all.
        FormatError: a format is unknown, or a file is of none.
        ColumnError: a table lacks the account or the time.
        SettingError: the service has no letter or digit to be named by.
    """
    named = options.service is None or any(map(str.isalnum, service_of(options.service)))
    if not named:
        raise SettingError(f"{options.service!r} names no service", hint="Such as x or telegram.")
    return Reading(given, options, format, side_file, progress)
