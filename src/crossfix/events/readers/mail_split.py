"""Mails out of an mbox file, one at a time, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAX_MAIL = 32 * 1024 * 1024
"""Bytes of one mail; a longer one is refused."""

_LONGEST_MARK = 2048
# A mail begins with "From " after a blank line; the time in it tells it from "From here on ...".
_MARK = re.compile(rb"(?:(?<=\n\n)|(?<=\n\r\n))From [^\n]{1,1000}\d\d:\d\d[^\n]{0,200}\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mbox(head: bytes) -> bool:
    """Tell whether a file begins as an mbox does."""
    return _MARK.match(b"\n\n" + head[: 2 * _LONGEST_MARK], 2) is not None


def mails_in(
    chunks: Iterable[bytes], max_mail: int = MAX_MAIL
) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (number from 1, the mail, whether it is whole) for each mail of an mbox.

    A mail longer than ``max_mail`` is cut there and not whole. ``>From`` at the beginning of a line
    becomes ``From`` again.
    """
    # What is held begins three bytes before the mail, for a mark needs to see a blank line.
    number, held, begin, searched, cut = 0, b"\n\n\n", 3, 3, False
    for chunk in chunks:
        held += chunk
        while mark := _MARK.search(held, searched):
            if number:
                yield number, _unquoted(held[begin : mark.start()][:max_mail]), not cut
            number, begin, searched, cut = number + 1, mark.end(), mark.end(), False
        held, begin = held[begin - 3 :], 3
        if len(held) > max_mail + _LONGEST_MARK:
            held = held[: max_mail + 3] + held[-_LONGEST_MARK:]
            cut = True
        searched = max(begin, len(held) - _LONGEST_MARK)
    if number and held[begin:].strip():
        yield number, _unquoted(held[begin:][:max_mail]), not cut


def _unquoted(mail: bytes) -> bytes:
    return _QUOTED.sub(rb"\1", mail)
