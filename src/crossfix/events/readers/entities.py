"""Links, hashtags and mentions that stand in the text where the source lists none."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crossfix.events.event import Event

MOST = 200
"""More links, tags or mentions than this in one text are not taken: they say nothing."""
LONGEST_TEXT = 200_000
"""What lies beyond is not searched."""

COMPILED_FROM = 20_000
"""Number of texts from which the compiled twin is used: below, loading it is not worth it."""

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Found = tuple[Counts, pa.Array]
"""How many entities each text has, -1 where that is still to be read, and their values."""

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


def complete(batch: pa.RecordBatch, compiled: bool | None = None) -> pa.RecordBatch:
    """Return the events with urls, hashtags and mentions from their texts where they had none.

    Links are taken everywhere, hashtags on social and AI services, mentions (``service:handle``,
    lower case) on social services. What a source listed itself is left as it is.
    """
    texts, services = batch["text"], pc.unique(batch["service"]).to_pylist()
    columns = {name: batch[name] for name in ("urls", "hashtags", "mentions")}
    surfaces = batch["surface"]
    social = _filled(pc.is_in(surfaces, pa.array(_SOCIAL)))
    tagged = _filled(pc.is_in(surfaces, pa.array(_TAGGED)))
    if len(texts) >= COMPILED_FROM if compiled is None else compiled:
        found = _found(texts, services, tagged, social)
    else:
        found = {}
    known = found.get("urls")
    links = _holding(texts, ("://",), known)
    columns["urls"] = _fill(columns["urls"], texts, links, urls_in, known)
    known = found.get("hashtags")
    signs = _holding(texts, "#＃", known) & tagged
    columns["hashtags"] = _fill(columns["hashtags"], texts, signs, hashtags_in, known)
    known = found.get("mentions")
    signs = _holding(texts, "@＠", known) & social
    for service in services:
        mine = signs & _filled(pc.equal(batch["service"], service))
        columns["mentions"] = _fill(columns["mentions"], texts, mine, _finder(service), known)
    for name, column in columns.items():
        batch = batch.set_column(
            batch.schema.get_field_index(name), batch.schema.field(name), column
        )
    return batch


def _found(texts: pa.Array, services: list[str], tagged: Mask, social: Mask) -> dict[str, Found]:
    """Return what compiled code finds in texts: how many in each, and their values."""
    from crossfix.events.readers import entity_kernel as kernel
    from crossfix.events.readers.entity_spans import Spans

    spans = Spans(texts, _besides_words(), LONGEST_TEXT, MOST)
    every = np.ones(len(texts), dtype=np.bool_)
    found = {"urls": spans.of(kernel.URLS, every, ""),
             "hashtags": spans.of(kernel.TAGS, tagged, "")}  # fmt: skip
    if len(services) == 1 and services[0] in _PLAIN_HANDLES:
        found["mentions"] = spans.of(kernel.NAMES, social, f"{services[0]}:")
    return found


def complete_event(event: Event) -> Event:
    """Return one event completed as `complete` does many, without the cost of a batch."""
    text = event.text
    if not text:
        return event
    found: dict[str, tuple[str, ...]] = {}
    if not event.urls and "://" in text:
        found["urls"] = tuple(urls_in(text))
    if not event.hashtags and event.surface in _TAGGED and ("#" in text or "＃" in text):
        found["hashtags"] = tuple(hashtags_in(text))
    if not event.mentions and event.surface in _SOCIAL and ("@" in text or "＠" in text):
        found["mentions"] = tuple(mentions_in(text, event.service))
    return msgspec.structs.replace(event, **found) if found else event


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
def _besides_words() -> str:
    """Return what hashtags have besides letters, digits and ``_``: marks and joiners."""
    marks = filter(
        lambda char: unicodedata.category(char)[0] == "M", map(chr, range(0x300, 0x11000))
    )
    return "".join(sorted([*marks, "\u200c", "\u200d"]))


@cache
def _hashtag() -> re.Pattern[str]:
    """Return the pattern of a hashtag: letters of any script with their marks (Hindi, Thai)."""
    word = rf"\w{_ranges(list(map(ord, _besides_words())))}"
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


def _holding(texts: pa.Array, signs: Iterable[str], found: Found | None) -> Mask:
    """Tell which texts hold one of these signs, or any where it is known what they have."""
    if found is not None:
        return _filled(pc.is_valid(texts))
    held = np.zeros(len(texts), dtype=np.bool_)
    for sign in signs:
        held |= _filled(pc.match_substring(texts, sign))
    return held


def _fill(
    column: pa.Array,
    texts: pa.Array,
    candidates: Mask,
    find: Callable[[str], list[str]],
    found: Found | None = None,
) -> pa.Array:
    """Return the lists with those of empty candidate rows found in their texts.

    ``found`` has what is known of them already.
    """
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(candidates & (lengths == 0))
    if not len(rows) and not column.null_count:
        return column
    if lengths.any():
        found = None
    if found is not None:
        rows = rows[found[0][rows] < 0]
    read = [find(text) for text in texts.take(pa.array(rows)).to_pylist()]
    if lengths.any():
        lists = [held or [] for held in column.to_pylist()]
        for row, new in zip(rows.tolist(), read, strict=True):
            lists[row] = new
        return pa.array(lists, pa.list_(pa.string()))
    counts = np.zeros(len(column), np.int64) if found is None else np.maximum(found[0], 0)
    values = pa.array([value for new in read for value in new], pa.string())
    sizes = np.array([len(new) for new in read], np.int64)
    if found is not None and len(found[1]):
        at = np.repeat(np.cumsum(counts)[rows], sizes)
        values = _merged(found[1], values, at)
    counts[rows] = sizes
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _merged(values: pa.Array, others: pa.Array, at: Counts) -> pa.Array:
    """Return values with others put in between, each before the value of this number."""
    if not len(others):
        return values
    order = np.insert(np.arange(len(values)), at, np.arange(len(others)) + len(values))
    return pa.concat_arrays([values, others]).take(pa.array(order))
