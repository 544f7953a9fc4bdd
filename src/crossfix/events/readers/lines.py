"""Lines out of chunks: bounded, in UTF-8, whatever the encoding was."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from crossfix.events.readers.tally import Tally

LONGEST_LINE = 8 * 1024 * 1024
SHOWN_BYTES = 2048
"""How much of a refused row is kept."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_TELLING, _LEAST_TELLING = 400, 16
"""Bytes, and pairs of them at least, from which UTF-16 without a mark is told."""


def mark_of(head: bytes) -> tuple[bytes, str] | None:
    """Return the byte order mark that opens the file and the encoding it announces.

    Without a mark, UTF-16 shows by its every second byte, which is NUL in Latin letters: the mark
    is empty then.
    """
    marked = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), None)
    return marked or _unmarked(head[:_TELLING])


def _unmarked(head: bytes) -> tuple[bytes, str] | None:
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if half < _LEAST_TELLING:
        return None
    if even == 0 and 4 * odd >= 3 * half:
        return b"", "utf-16-le"
    return (b"", "utf-16-be") if odd == 0 and 4 * even >= 3 * half else None


def text_of(head: bytes) -> str:
    """Return the head of a file as text, for recognition; undecodable bytes are replaced."""
    mark, encoding = mark_of(head) or (b"", "utf-8")
    return head[len(mark) :].decode(encoding, "replace")


def western(line: bytes) -> str:
    """Decode a line that is not UTF-8: Windows-1252, and Latin-1 for its five empty places."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


_WESTERN_SIGN = "\ufdd0"  # a code point that is no character and so is in no text


def _westernise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return western(error.object[error.start : error.end]) + _WESTERN_SIGN, error.end


class Lines:
    """Splits one stream into lines."""

    def __init__(self, tally: Tally, head: bytes, max_bytes: int = LONGEST_LINE) -> None:
        self._tally = tally
        self._max = max_bytes
        self._mark = mark_of(head)
        text = text_of(head)
        # Only files of old Macs end lines by a carriage return alone.
        self._end = b"\r" if "\r" in text and "\n" not in text else b"\n"
        self._number = 0
        self._western = False

    def split(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
        """Yield (number, line); a line over the limit is refused and never held."""
        held = b""  # the unfinished line
        lost: bytes | None = None  # the beginning of a line that is being refused
        for chunk in self._utf8(chunks):
            last = chunk.rfind(self._end)
            if lost is not None:
                first = chunk.find(self._end)
                if first < 0:
                    continue
                self._refuse(lost)
                chunk, last, lost = chunk[first + 1 :], last - first - 1, None
            if last < 0:
                held += chunk
            else:
                yield from self._block(held + chunk[:last])
                held = chunk[last + 1 :]
            if len(held) > self._max:
                lost, held = held[:SHOWN_BYTES], b""
        if lost is not None:
            self._refuse(lost)
        elif held:
            yield from self._block(held)

    def pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the content as UTF-8 without NULs, cut anywhere."""
        codecs.register_error("crossfix-western", _westernise)
        decode = codecs.getincrementaldecoder("utf-8")("crossfix-western").decode
        for chunk in self._utf8(chunks):
            text = decode(chunk)
            if "\x00" in text:
                text = text.replace("\x00", "")
                self._tally.note("NUL characters were dropped")
            if _WESTERN_SIGN in text:
                text = text.replace(_WESTERN_SIGN, "")
                self._tally.note("not all of it is UTF-8: such bytes were read as Windows-1252")
            yield text.encode("utf-8", "replace")

    def _block(self, block: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the lines of a block of whole lines; checks the encoding once for all of them."""
        if b"\0" in block:
            block = block.replace(b"\0", b"")
            self._tally.note("NUL characters were dropped")
        try:
            block.decode()
            clean = True
        except UnicodeDecodeError:
            clean = False
        for line in block.split(self._end):
            if len(line) > self._max:
                self._refuse(line[:SHOWN_BYTES])
                continue
            self._number += 1
            if line.endswith(b"\r"):
                line = line[:-1]
            yield self._number, line if clean else self._recode(line)

    def _recode(self, line: bytes) -> bytes:
        try:
            line.decode()
        except UnicodeDecodeError:
            if not self._western:
                self._western = True
                self._tally.note(
                    f"not all of it is UTF-8 (first in line {self._number:,}): "
                    "such lines were read as Windows-1252"
                )
            return western(line).encode()
        return line

    def _refuse(self, beginning: bytes) -> None:
        self._number += 1
        reason = f"line is longer than {self._max // 1024:,} KiB"
        shown = beginning[:SHOWN_BYTES].decode("utf-8", "replace")
        self._tally.skip(reason, self._number, shown)

    def _utf8(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        mark, encoding = self._mark or (b"", "utf-8")
        skip = len(mark)
        if encoding != "utf-8":
            said = "its byte order mark says" if mark else "every second byte shows"
            self._tally.note(f"it is {encoding.upper()}, as {said}")
        decode = codecs.getincrementaldecoder(encoding)("replace").decode
        for chunk in chunks:
            if skip:
                skip, chunk = max(0, skip - len(chunk)), chunk[skip:]
            if encoding == "utf-8":
                yield chunk
            elif text := decode(chunk):
                yield text.encode("utf-8", "replace")
