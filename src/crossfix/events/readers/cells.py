"""What the cells of a table say: yes or no, one text, or a list in one of many notations."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

MOST = 200
"""No more values than this are taken from one cell."""

_YES = pa.array(["true", "t", "1", "1.0", "yes", "y", "retweet", "repost", "retweeted"])
_NOTHING = pa.array(["", "nan", "none", "null", "na", "n/a", "-1", "\\n", "[]"])
_KEYS = ("expanded_url", "expanded", "url", "text", "tag", "title", "screen_name", "username",
         "acct", "name", "hashtag_name", "hashtagName", "id_str", "id", "value")  # fmt: skip
_SPLIT_WORDS = re.compile(r"[\s,;|]+")
_SPLIT_URLS = re.compile(r"[\s|]+|[,;]\s*(?=https?://)", re.IGNORECASE)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def array_of(values: list[object]) -> pa.Array:
    """Return Python values as an Arrow array: of their own type if they share one, else as text."""
    try:
        made = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError, ValueError):
        return pa.array([None if v is None else said(v) for v in values], pa.string())
    if pa.types.is_null(made.type) or pa.types.is_struct(made.type) or pa.types.is_map(made.type):
        return pa.array([None if v is None else said(v) for v in values], pa.string())
    return made


def said(value: object) -> str:
    """Return one value as text that UTF-8 can carry."""
    if not isinstance(value, str):
        try:
            value = msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value
        except (TypeError, ValueError, RecursionError):
            value = repr(value)
    return str(value).encode("utf-8", "replace").decode()


def text_of(column: pa.Array) -> pa.Array:
    """Return a column as text; whole numbers read as fractions lose their ``.0``."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_of(column.cast(kind.value_type))
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        whole = column.to_pylist()
        return pa.array(
            [
                None if v is None or v != v else str(int(v)) if v == v // 1 else str(v)
                for v in whole
            ],
            pa.string(),
        )
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if v is None else said(v) for v in column.to_pylist()], pa.string())
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if v is None else said(v) for v in column.to_pylist()], pa.string())


def native(column: pa.Array) -> pa.Array:
    """Return ids as text, null where the cell says that there is none (``nan``, ``-1``, empty)."""
    text = pc.utf8_trim_whitespace(text_of(column))
    # Spreadsheets and pandas write the id of a column with gaps as 123.0.
    if pc.any(pc.ends_with(text, ".0")).as_py():
        text = pc.replace_substring_regex(text, r"^([0-9]+)\.0$", r"\1")
    nothing = pc.is_in(pc.utf8_lower(text), _NOTHING)
    return pc.if_else(pc.fill_null(nothing, True), pa.scalar(None, pa.string()), text)


def truth(column: pa.Array) -> Mask:
    """Return where a column says yes."""
    kind = column.type
    if pa.types.is_boolean(kind):
        yes = column
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind):
        yes = pc.not_equal(column, 0)
    else:
        yes = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(text_of(column))), _YES)
    filled: Mask = pc.fill_null(yes, False).to_numpy(zero_copy_only=False)
    return filled


def lists(column: pa.Array, clean: Callable[[str], str], *, urls: bool = False) -> pa.Array:
    """Return a column of lists of text, from real lists or from text that lists something.

    Reads JSON and Python lists, lists of objects (of which the telling key is taken), and values
    between commas, semicolons, bars or spaces. Each distinct cell is read once.
    """
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        cells = [_of_list(cell or []) for cell in column.to_pylist()]
    else:
        coded = text_of(column).dictionary_encode()
        words = [_of_text(word, urls) for word in coded.dictionary.to_pylist()]
        cells = [[] if code is None else words[code] for code in coded.indices.to_pylist()]
    cleaned = [_unique(cell, clean) if cell else cell for cell in cells]
    return pa.array(cleaned, pa.list_(pa.string()))


def _unique(cell: list[str], clean: Callable[[str], str]) -> list[str]:
    return list(dict.fromkeys(made for value in cell if (made := clean(value))))[:MOST]


def _of_text(text: str, urls: bool) -> list[str]:
    text = text.strip()
    if text[:1] in "[{":
        try:
            value = msgspec.json.decode(text)
            return _of_list(value if isinstance(value, list) else [value])
        except (msgspec.DecodeError, RecursionError):
            inner = text.strip("[]{} ")
            if quoted := _QUOTED.findall(inner):
                return [one or other for one, other in quoted]
            text = inner
    if text.lower() in {"nan", "none", "null"}:
        return []
    return [part for part in (_SPLIT_URLS if urls else _SPLIT_WORDS).split(text) if part]


def _of_list(values: list[object]) -> list[str]:
    return [word for value in values[:MOST] if (word := _of_value(value))]


def _of_value(value: object) -> str:
    if isinstance(value, dict):
        for key in _KEYS:
            if isinstance(value.get(key), str | int) and value[key] != "":
                return said(value[key])
        return ""
    return "" if value is None else said(value).strip()
