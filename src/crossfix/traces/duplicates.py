"""Which texts are near-duplicates: candidates, their similarity, clusters around a centre.

Small inputs are computed in NumPy, large ones by the compiled twin, bit for bit alike: loading a
compiler is not worth it for a few thousand texts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.traces import minhash
from crossfix.traces.minhash import U32
from crossfix.traces.shingles import I64, Shingles

LEAST_SIMILARITY = 0.4
"""Jaccard similarity of shingles from which two texts are near-duplicates."""

LEAST_SHARED = 4
"""Shingles that two texts must share at least: below that, likeness is chance."""

COMPILED_FROM = 20_000
"""Number of texts from which the compiled twin is used."""

_ROUNDS = 100
_CHUNK = 32_768


def sketch(texts: pa.Array, compiled: bool | None = None) -> tuple[Shingles, U32]:
    """Return the shingles and band keys of folded texts, as `minhash.sketch` defines them.

    Large columns are taken in chunks, so that what is in between stays small.
    """
    if compiled is None:
        compiled = len(texts) >= COMPILED_FROM
    if not compiled:
        return minhash.sketch(texts)
    from crossfix.traces import kernel

    keys = np.empty((minhash.BANDS, len(texts)), dtype=np.uint32)
    hashes, counts = [], [np.zeros(1, dtype=np.int64)]
    for first in range(0, len(texts), _CHUNK):
        found, each = kernel.sketch(texts.slice(first, _CHUNK), keys, first)
        hashes.append(found)
        counts.append(each)
    joined = np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint64)
    return Shingles(joined, np.cumsum(np.concatenate(counts))), keys


def shared(
    shingles: Shingles, left: I64, right: I64, compiled: bool | None = None
) -> NDArray[np.int32]:
    """Return how many shingles each pair of texts has in common."""
    if compiled is None:
        compiled = len(shingles) >= COMPILED_FROM
    if not compiled:
        return minhash.shared(shingles, left, right)
    from crossfix.traces import kernel

    return kernel.shared(shingles.hashes, shingles.offsets, left, right)


def similarities(shingles: Shingles, left: I64, right: I64) -> NDArray[np.float64]:
    """Return the Jaccard similarity of pairs of texts, 0 where they share too little."""
    common = shared(shingles, left, right)
    sizes = np.diff(shingles.offsets)
    union = sizes[left] + sizes[right] - common
    answer: NDArray[np.float64] = common / np.maximum(union, 1)
    answer[(common < LEAST_SHARED) & (common < union)] = 0
    return answer


def candidates(keys: U32, usable: NDArray[np.bool_]) -> tuple[I64, I64]:
    """Return pairs of texts that agree in a band: each with the first there and the one before.

    So the number of pairs grows with the texts, not with their square.
    """
    texts = np.flatnonzero(usable).astype(np.uint64)
    found: list[I64] = []
    size = keys.shape[1]
    for band in keys:
        # Key and text in one word: sorting values is far quicker than sorting indirectly.
        packed = band.astype(np.uint64)
        packed <<= np.uint64(32)
        packed = (packed if len(texts) == size else packed[texts]) | texts
        packed.sort()
        key = (packed >> np.uint64(32)).astype(np.uint32)
        again = np.flatnonzero(key[1:] == key[:-1]) + 1
        if not len(again):
            continue
        begins = np.ones(len(again), dtype=np.bool_)
        begins[1:] = again[1:] != again[:-1] + 1
        first = (again[begins] - 1)[np.cumsum(begins) - 1]
        last = (packed[again] & np.uint64(0xFFFFFFFF)).astype(np.int64)
        for other in (packed[first], packed[again - 1]):
            pairs = (other & np.uint64(0xFFFFFFFF)).astype(np.int64)
            pairs *= size
            pairs += last
            found.append(pairs)
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    pairs = _distinct(np.concatenate(found))
    return pairs // size, pairs % size


def _distinct(values: I64) -> I64:
    """Return what is there, sorted, each once."""
    values.sort()
    new = np.ones(len(values), dtype=np.bool_)
    new[1:] = values[1:] != values[:-1]
    return values[new]


def cluster(shingles: Shingles, keys: U32, posts: I64) -> I64:
    """Return the cluster of each text, named by the number of its centre; its own if alone.

    In each round every component of the links that are left yields one centre, the text with the
    most posts and links, and all texts of the component that resemble it.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    label = np.arange(len(shingles), dtype=np.int64)
    left, right = candidates(keys, np.diff(shingles.offsets) > 0)
    near = similarities(shingles, left, right)
    linked = near >= LEAST_SIMILARITY
    left, right, near = left[linked], right[linked], near[linked]
    for _ in range(_ROUNDS):
        if not len(left):
            break
        texts, ends = np.unique(np.concatenate([left, right]), return_inverse=True)
        a, b = ends[: len(left)], ends[len(left) :]
        graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(texts), len(texts)))
        _, component = connected_components(graph, directed=False)
        weight = posts[texts] + np.bincount(a, near, len(texts)) + np.bincount(b, near, len(texts))
        best = np.lexsort((texts, -weight, component))
        centre_of = texts[best[np.unique(component[best], return_index=True)[1]]]
        centre = centre_of[component]
        joins = (similarities(shingles, centre, texts) >= LEAST_SIMILARITY) | (centre == texts)
        label[texts[joins]] = centre[joins]
        taken = np.zeros(len(label), dtype=np.bool_)
        taken[texts[joins]] = True
        rest = ~(taken[left] | taken[right])
        left, right, near = left[rest], right[rest], near[rest]
    return label
