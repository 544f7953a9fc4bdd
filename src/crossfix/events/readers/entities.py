"""Links, hashtags and mentions that stand in the text where the source lists none."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST = 200
"""More links, tags or mentions than this in one text are not taken: they say nothing."""
LONGEST_TEXT = 200_000
"""What lies beyond is not searched."""

Mask = npt.NDArray[np.bool_]

# A short link of Twitter ends with its code, whatever is written right behind it.
_URL = re.compile(
    r"https?://(?:t\.co/[A-Za-z0-9]+…?|[^\s<>\"“”«»「」『』【】（）。、，！？｜\x00-\x20]{1,2000})",
    re.IGNORECASE,
)
_ENTANGLED = re.compile(r"://(?:(?<=\Shttp://)|(?<=\Shttps://)|(?=\S*[#＃@＠]))", re.IGNORECASE)
_TAIL = ".,;:!?'’‘*_~|"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_HANDLE = r"[A-Za-z0-9_]{1,30}"
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_])?"
_HOST = r"(?:@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+)?"
# The sign comes first so that the search jumps from sign to sign; what stands before it is then
# looked at: inside words, addresses, paths and entities such as &#39; it means something else.
_BEFORE = r"(?<![\w.@＠/&#＃][@＠])"
_PLAIN_MENTION = re.compile(rf"[@＠]{_BEFORE}({_HANDLE})(?![\w@])")
_DOTTED_MENTION = re.compile(rf"[@＠]{_BEFORE}({_NAME}{_HOST})")
_PLAIN_HANDLES = frozenset({"x", "telegram", "youtube", "reddit", "vk", "facebook", "github"})
_SOCIAL = ("social", "other")
_TAGGED = ("social", "other", "ai")


def complete(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the events with urls, hashtags and mentions from their texts where they had none.

    Links are taken everywhere, hashtags on social and AI services, mentions (``service:handle``,
    lower case) on social services. What a source listed itself is left as it is.
    """
    texts = batch["text"]
    columns = {name: batch[name] for name in ("urls", "hashtags", "mentions")}
    surfaces = batch["surface"]
    social = _filled(pc.is_in(surfaces, pa.array(_SOCIAL)))
    tagged = _filled(pc.is_in(surfaces, pa.array(_TAGGED)))
    columns["urls"] = _fill(columns["urls"], texts, _holds(texts, "://"), urls_in)
    signs = _holds(texts, "#") | _holds(texts, "＃")
    columns["hashtags"] = _fill(columns["hashtags"], texts, signs & tagged, hashtags_in)
    signs = _holds(texts, "@") | _holds(texts, "＠")
    for service in pc.unique(batch["service"]).to_pylist():
        mine = _filled(pc.equal(batch["service"], service))
        finds = _finder(service)
        columns["mentions"] = _fill(columns["mentions"], texts, signs & social & mine, finds)
    for name, column in columns.items():
        batch = batch.set_column(
            batch.schema.get_field_index(name), batch.schema.field(name), column
        )
    return batch


def urls_in(text: str) -> list[str]:
    """Return the links of a text in order, each once.

    A link that was cut off (it ends in ``…``) is none; punctuation behind a link is not part of it.
    """
    found = []
    for url in _URL.findall(text[:LONGEST_TEXT])[:MOST]:
        if not url[-1].isalnum():
            url = "" if "…" in url else _trimmed(url)
        if len(url) > 10 and "…" not in url and url not in found:
            found.append(url)
    return found


def hashtags_in(text: str) -> list[str]:
    """Return the hashtags of a text, lower case and without ``#``, in order, each once.

    A tag needs a letter; ``#`` inside links, words and character entities is none.
    """
    found = _hashtag().findall(_without_links(text))
    return list(dict.fromkeys(map(str.lower, found)))[:MOST] if found else found


def mentions_in(text: str, service: str) -> list[str]:
    """Return the accounts that a text names with ``@``, as ``service:handle`` in lower case."""
    pattern = _PLAIN_MENTION if service in _PLAIN_HANDLES else _DOTTED_MENTION
    found = pattern.findall(_without_links(text))
    if not found:
        return []
    return [f"{service}:{name}" for name in dict.fromkeys(map(str.lower, found))][:MOST]


def _without_links(text: str) -> str:
    """Return the text without its links, if one has a sign in it or stands close behind a word."""
    text = text[:LONGEST_TEXT]
    return _URL.sub(" ", text) if _ENTANGLED.search(text) else text


def _finder(service: str) -> Callable[[str], list[str]]:
    return lambda text: mentions_in(text, service)


@cache
def _hashtag() -> re.Pattern[str]:
    """Return the pattern of a hashtag: letters of any script with their marks (Hindi, Thai)."""
    marks = [c for c in range(0x300, 0x11000) if unicodedata.category(chr(c))[0] == "M"]
    word = rf"\w\u200c\u200d{_ranges(marks)}"
    return re.compile(rf"[#＃](?<![\w&/#＃][#＃])((?=[\w]*[^\W\d_])[{word}]{{1,140}})")


def _ranges(codes: Sequence[int]) -> str:
    """Write code points as the inside of a character class."""
    said, start, last = [], codes[0], codes[0]
    for code in (*codes[1:], sys.maxunicode):
        if code != last + 1:
            said.append(f"{chr(start)}-{chr(last)}")
            start = code
        last = code
    return "".join(said)


def _trimmed(url: str) -> str:
    while url:
        last = url[-1]
        opening = _PAIRS.get(last)
        if last not in _TAIL and (opening is None or url.count(last) <= url.count(opening)):
            return url
        url = url[:-1]
    return url


def _filled(mask: pa.Array) -> Mask:
    filled: Mask = pc.fill_null(mask, False).to_numpy(zero_copy_only=False)
    return filled


def _holds(texts: pa.Array, sign: str) -> Mask:
    return _filled(pc.match_substring(texts, sign))


def _fill(
    column: pa.Array, texts: pa.Array, candidates: Mask, find: Callable[[str], list[str]]
) -> pa.Array:
    """Return the lists with those of empty candidate rows found in their texts."""
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(candidates & (lengths == 0))
    if not len(rows) and not column.null_count:
        return column
    found = [find(text) for text in texts.take(pa.array(rows)).to_pylist()]
    if lengths.any():
        lists = [held or [] for held in column.to_pylist()]
        for row, new in zip(rows.tolist(), found, strict=True):
            lists[row] = new
        return pa.array(lists, pa.list_(pa.string()))
    counts = np.zeros(len(column), np.int64)
    counts[rows] = [len(new) for new in found]
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    values = pa.array([value for new in found for value in new], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), values)
