"""Mails out of an mbox file, one at a time, whatever its size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAX_MAIL = 32 * 1024 * 1024
"""Bytes of one mail; a longer one is refused."""

_LONGEST_MARK = 2048
# A mail begins with "From " after a blank line; the time in it tells it from "From here on ...".
_MARK = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]{1,1000}\d\d:\d\d[^\n]{0,200}\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def is_mbox(head: bytes) -> bool:
    """Tell whether a file begins as an mbox does."""
    return _MARK.match(head) is not None


def mails_in(chunks: Iterable[bytes], max_mail: int = MAX_MAIL) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (number from 1, the mail, whether it is whole) for each mail of an mbox.

    A mail longer than ``max_mail`` is cut there and not whole. ``>From`` at the beginning of a line
    becomes ``From`` again.
    """
    number, held, searched, cut = 0, b"", 0, False
    for chunk in chunks:
        held += chunk
        while mark := _MARK.search(held, searched):
            if mark.start() == 0 and searched == 0 and number == 0:
                number, searched = 1, mark.end()
                held, searched = held[mark.end() :], 0
                continue
            if number:
                yield number, _unquoted(held[: mark.start()][:max_mail]), not cut
            number += 1
            held, searched, cut = held[mark.end() :], 0, False
        searched = max(0, len(held) - _LONGEST_MARK)
        if len(held) > max_mail + _LONGEST_MARK:
            # The end is kept, for the next mark may begin there.
            held = held[:max_mail] + held[-_LONGEST_MARK:]
            searched, cut = max_mail, True
    if number and held.strip():
        yield number, _unquoted(held[:max_mail]), not cut


def _unquoted(mail: bytes) -> bytes:
    return _QUOTED.sub(rb"\1", mail)
