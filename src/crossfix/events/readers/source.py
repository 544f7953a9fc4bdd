"""Where bytes come from: a path, a folder, standard input or memory, decompressed on the way."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from crossfix.errors import FormatError, InputError
from crossfix.events.readers.compression import BROKEN_ZIP, Flow, inflate, kind_of
from crossfix.events.readers.lines import LONGEST_LINE, Lines
from crossfix.events.readers.tally import Tally

HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
MEMBERS = 200_000
"""A directory or zip with more files than this is refused."""
SPILL_BYTES = 64 * 1024**3
"""What is spilled to disk for a format that needs random access (Parquet, xlsx, zip)."""


class Source:
    """One input: its name, its first bytes and its content as a stream.

    ``path`` is what the person wrote (and what messages show), ``name`` the file name in lower case
    without ``.gz`` or ``.zst``. Content is decompressed by what it is, not by what it is called.
    Standard input (``-``) can be streamed once; its head stays readable.
    """

    def __init__(
        self,
        path: str,
        opener: Callable[[], BinaryIO] | None = None,
        *,
        size: int | None = None,
        once: bool = False,
    ) -> None:
        self.path = path
        self.size = size
        self.consumed = 0
        self.directory = opener is None
        self._opener = opener
        self._once = once
        self._flow: Flow | None = None
        self._first: list[bytes] | None = None
        self._spilled: BinaryIO | None = None
        self._given: list[BinaryIO] = []
        self._within: Source | None = None

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Source:
        """Return the source at a path; ``-`` is standard input; a directory has only members."""
        said = os.fspath(path)
        if said == "-":
            return cls.of_stream("-", sys.stdin.buffer)
        if not os.path.exists(said):
            raise InputError("there is no such file", path=said)
        if os.path.isdir(said):
            return cls(said)
        return cls(said, lambda: _open(said), size=os.path.getsize(said))

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> Source:
        """Return a source over bytes in memory."""
        return cls(name, lambda: io.BytesIO(data), size=len(data))

    @classmethod
    def of_stream(cls, name: str, stream: BinaryIO) -> Source:
        """Return a source over a stream that can be read once."""
        return cls(name, lambda: stream, once=True)

    @property
    def name(self) -> str:
        """The file name in lower case, without the suffix of its compression."""
        name = PurePosixPath(self.path.replace("\\", "/")).name.lower()
        for suffix in (".gz", ".zst", ".zstd", ".gzip"):
            name = name.removesuffix(suffix)
        return name

    @property
    def stem(self) -> str:
        """The name without its last suffix."""
        return PurePosixPath(self.name).stem

    @property
    def head(self) -> bytes:
        """The first bytes after decompression, 64 KiB at most; empty for a directory."""
        if self.directory:
            return b""
        if self._first is None:
            self._begin()
        assert self._first is not None
        return b"".join(self._first)[:HEAD_BYTES]

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.directory and not self.head

    @property
    def zipped(self) -> bool:
        """Whether it is a zip file (an archive; also xlsx)."""
        return self.head.startswith(b"PK\x03\x04")

    def _begin(self) -> None:
        if self._opener is None:
            raise FormatError("this is a directory, not a file", path=self.path)
        flow = inflate(self._opener(), self)
        first: list[bytes] = []
        held = 0
        while held < HEAD_BYTES and (chunk := flow.read(HEAD_BYTES)):
            first.append(chunk)
            held += len(chunk)
        self._flow, self._first = flow, first

    def chunks(self, tally: Tally | None = None) -> Iterator[bytes]:
        """Yield the decompressed content; a truncated file ends early and the tally says so."""
        if self._spilled is not None:
            yield from _pieces(self._spilled)
            return
        if self._flow is None:
            if self._once and self._first is not None:
                raise InputError("standard input can be read only once", path=self.path)
            self._begin()
        flow, first = self._flow, self._first or []
        assert flow is not None
        self._flow = None
        try:
            yield from first
            while chunk := flow.read(CHUNK_BYTES):
                yield chunk
            if tally is not None and flow.damage:
                tally.note(flow.damage)
        finally:
            if not self._once:
                flow.close()

    def lines(self, tally: Tally, *, max_bytes: int = LONGEST_LINE) -> Iterator[tuple[int, bytes]]:
        """Yield (line number from 1, the line as UTF-8 without its end).

        Lines longer than ``max_bytes`` are refused without being held; the tally says which
        encoding was assumed where it is not UTF-8, and that NULs were dropped.
        """
        yield from Lines(tally, self.head, max_bytes).split(self.chunks(tally))

    def text(self, tally: Tally) -> Iterator[bytes]:
        """Yield the content as UTF-8 in pieces of any size, for formats without lines."""
        yield from Lines(tally, self.head).pieces(self.chunks(tally))

    def seekable(self, tally: Tally | None = None) -> BinaryIO:
        """Return the content as a file with random access, spilled to disk where it must be.

        It is closed with the source.
        """
        if self._opener is not None and not self._once and self._spilled is None:
            plain = self._opener()
            if plain.seekable() and kind_of(plain.read(8)) is None:
                plain.seek(0)
                self._given.append(plain)
                return plain
            plain.close()
        if self._spilled is None:
            self._spilled = self._spill(tally)
        self._given.append(open(self._spilled.name, "rb"))  # noqa: SIM115  (given)
        return self._given[-1]

    def _spill(self, tally: Tally | None) -> BinaryIO:
        spill = tempfile.NamedTemporaryFile(prefix="crossfix-")  # noqa: SIM115  (kept)
        held = 0
        for chunk in self.chunks(tally):
            held += len(chunk)
            if held > SPILL_BYTES:
                spill.close()
                raise InputError("it decompresses to more than 64 GiB", path=self.path)
            spill.write(chunk)
        spill.flush()
        return cast(BinaryIO, spill)

    def members(self) -> Iterator[Source]:
        """Yield the files of a directory or zip as sources, in order of their names.

        A member's path is ``archive/inner/name``. Nothing is extracted to disk.
        """
        if self.directory:
            yield from _files_in(self.path)
        elif self.zipped:
            yield from self._zip_members()

    def _zip_members(self) -> Iterator[Source]:
        try:
            archive = zipfile.ZipFile(self.seekable())
            entries = sorted(archive.infolist(), key=lambda e: e.filename)
        except BROKEN_ZIP as broken:
            raise FormatError(f"the zip file is damaged ({broken})", path=self.path) from None
        if len(entries) > MEMBERS:
            raise InputError(f"the zip file has more than {MEMBERS:,} files", path=self.path)
        for entry in entries:
            if not entry.filename or entry.filename.endswith("/"):
                continue
            where = f"{self.path}/{entry.filename}"
            member = Source(where, _member(archive, entry, where), size=entry.compress_size)
            member._within = self  # an archive stays open as long as somebody holds a member
            yield member

    def close(self) -> None:
        """Let go of what is open."""
        if self._flow is not None and not self._once:
            self._flow.close()
        self._flow = None
        while self._given:
            self._given.pop().close()
        if self._spilled is not None:
            self._spilled.close()
            self._spilled = None

    def __del__(self) -> None:
        self.close()


def _open(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as refused:
        reason = refused.strerror or "unknown reason"
        raise InputError(f"the file cannot be opened ({reason})", path=path) from None


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        try:
            return archive.open(entry)  # type: ignore[return-value]
        except BROKEN_ZIP as broken:
            raise FormatError(
                f"this part of the zip cannot be read ({broken})", path=where
            ) from None

    return opened


def _files_in(folder: str) -> Iterator[Source]:
    count = 0
    for parent, folders, files in os.walk(folder):  # links to folders are not followed
        folders.sort()
        for file in sorted(files):
            count += 1
            if count > MEMBERS:
                raise InputError(f"the folder has more than {MEMBERS:,} files", path=folder)
            path = Path(parent) / file
            if path.is_file():
                yield Source.of(path)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
