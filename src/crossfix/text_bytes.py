"""The bytes of a column of strings, without a copy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def bytes_of(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the UTF-8 bytes of a column of strings and where each string begins and ends."""
    size = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, offsets_buffer, data = texts.buffers()
    if not len(texts) or offsets_buffer is None:
        return np.empty(0, dtype=np.uint8), np.zeros(len(texts) + 1, dtype=np.int64)
    held = np.frombuffer(offsets_buffer, dtype=size)
    offsets = held[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    if data is None:
        return np.empty(0, dtype=np.uint8), offsets - offsets[0]
    used = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    used.flags.writeable = False  # one type of argument, so that code is compiled once
    return used, offsets - offsets[0]


def column_of(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> pa.Array:
    """Return the column of strings that end at these bytes, each where the next begins."""
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
