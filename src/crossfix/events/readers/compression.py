"""Decompression as a stream that survives truncation and never holds more than a chunk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Literal, Protocol

import zstandard

_READ = 64 * 1024
_OUT = 1024 * 1024
TRUNCATED = "file is truncated: what came before the break was read"
DAMAGED = "file is damaged: what came before the damage was read"


BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, IndexError,
    KeyError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What `zipfile` raises over damaged, encrypted or exotic archives."""


class Counts(Protocol):
    """Whoever wants to know how many bytes were taken from the file."""

    consumed: int


class Flow:
    """Decompressed bytes in order; ``damage`` says at the end whether some are missing."""

    def __init__(self, stream: BinaryIO, pieces: Iterator[bytes]) -> None:
        self._stream = stream
        self._pieces = pieces
        self._left = b""
        self.damage: str | None = None

    def read(self, most: int) -> bytes:
        """Return up to ``most`` bytes, none at the end."""
        if not self._left and self.damage is None:
            try:
                self._left = next(self._pieces, b"")
            except _BrokenError as broken:
                self.damage = broken.said
        given, self._left = self._left[:most], self._left[most:]
        return given

    def close(self) -> None:
        """Close the file below."""
        self._stream.close()


class _BrokenError(Exception):
    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def kind_of(first: bytes) -> Literal["gz", "zst"] | None:
    """Return the compression that the first bytes announce."""
    if first.startswith(b"\x1f\x8b"):
        return "gz"
    return "zst" if first.startswith(b"\x28\xb5\x2f\xfd") else None


def inflate(stream: BinaryIO, counts: Counts) -> Flow:
    """Return the stream's content decompressed, whatever its compression is."""
    counts.consumed = 0

    def raw() -> Iterator[bytes]:
        while True:
            try:
                chunk = stream.read(_READ)
            except BROKEN_ZIP as broken:
                raise _BrokenError(DAMAGED) from broken
            if not chunk:
                return
            counts.consumed += len(chunk)
            yield chunk

    pieces = raw()
    try:
        first = next(pieces, b"")
    except _BrokenError as broken:
        flow = Flow(stream, iter(()))
        flow.damage = broken.said
        return flow
    kind = kind_of(first)
    if kind == "gz":
        return Flow(stream, _gz(first, pieces))
    if kind == "zst":
        return Flow(stream, _zst(first, pieces))
    return Flow(stream, _plain(first, pieces))


def _plain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _gz(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate gzip members one after another, at most 1 MiB at a time."""
    unpack = zlib.decompressobj(31)
    data = first
    whole = False  # whether the last member ended and nothing of another came
    while data or (data := next(rest, b"")):
        whole = False
        try:
            out = unpack.decompress(data, _OUT)
        except zlib.error:
            raise _BrokenError(DAMAGED) from None
        if out:
            yield out
        data = unpack.unconsumed_tail
        if unpack.eof:
            # Zero padding after the last member is allowed (tape archives do it).
            data = unpack.unused_data.lstrip(b"\0")
            unpack, whole = zlib.decompressobj(31), True
    if not whole:
        raise _BrokenError(TRUNCATED)


def _zst(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress frames one after another.

    The one interface whose ``eof`` tells a cut file from a whole one inflates all it is given, and
    a block of 4 bytes can hold 128 KiB: it is fed 1 KiB at a time, 32 MiB of output at the worst.
    """
    unpack = zstandard.ZstdDecompressor(max_window_size=2**27)
    part = unpack.decompressobj()
    whole = False
    for data in _slices(first, rest):
        left = data
        while left:
            try:
                out = part.decompress(left)
            except zstandard.ZstdError:
                raise _BrokenError(DAMAGED) from None
            for start in range(0, len(out), _OUT):
                yield out[start : start + _OUT]
            left, whole = b"", part.eof
            if part.eof:
                left, part = part.unused_data, unpack.decompressobj()
    if not whole:
        raise _BrokenError(TRUNCATED)


def _slices(first: bytes, rest: Iterator[bytes], size: int = 1024) -> Iterator[bytes]:
    for data in _plain(first, rest):
        for start in range(0, len(data), size):
            yield data[start : start + size]
