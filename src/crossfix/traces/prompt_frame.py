"""Prompts made from one template: the stretches of words that stand still while slots change.

"Write seven posts in the voice of {a nurse} against {the cable}" is asked by one AI account after
the other with other words in the slots. A stretch of words is a frame if prompts of several
accounts have it; a prompt that is nothing but a frame is no template filled in but one text.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from crossfix.traces.columns import acted, folded_texts
from crossfix.traces.trace import Clusterer, Keys

RUN = 4
"""Words in a row that must be the same for a stretch to begin."""

ACCOUNTS = 3
"""Accounts whose prompts must have them."""

LEAST_WORDS = 6
"""Words of a stretch, at least; shorter ones are everybody's way of asking."""

WORDS = 160
"""Words of a prompt that are looked at: templates show at the beginning."""

MOST_PROMPTS = 300_000
MOST_FRAMES = 5
"""Stretches that a prompt leaves as keys: its longest."""

_PRIMES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F], dtype=np.uint64)

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]


class PromptFrame(Clusterer):
    """The stretches of a prompt's words that prompts of three accounts or more have."""

    kind = "prompt_frame"
    family = "text"
    phrase = "prompted with one template, its slots filled anew"

    def __init__(self) -> None:
        self._events = 0
        self._prompts = 0
        self._words: list[NDArray[np.uint32]] = []
        self._owner: list[I64] = []
        self._accounts: list[I64] = []
        self._codes: dict[str, int] = {}

    def add(self, events: pa.RecordBatch) -> None:
        """Take in the prompts of the next batch."""
        base, self._events = self._events, self._events + events.num_rows
        rows = np.flatnonzero(acted(events, {"prompt"}))[: MOST_PROMPTS - self._prompts]
        if not len(rows):
            return
        self._prompts += len(rows)
        chosen = pa.array(rows)
        texts = pc.replace_substring_regex(folded_texts(events).take(chosen), r"\d+", "0")
        lists = pc.list_slice(pc.utf8_split_whitespace(texts), 0, WORDS)
        unique = pc.list_flatten(lists).dictionary_encode()
        said = (word.strip(".,;:!?\"'()[]{}").encode() for word in unique.dictionary.to_pylist())
        hashes = np.fromiter(map(xxhash.xxh32_intdigest, said), np.uint32, len(unique.dictionary))
        parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        self._words.append(hashes[unique.indices.to_numpy(zero_copy_only=False)])
        self._owner.append(rows[parents] + base)
        names = events.column("account").take(chosen).to_pylist()
        codes = [self._codes.setdefault(name, len(self._codes)) for name in names]
        self._accounts.append(np.array(codes, dtype=np.int64)[parents])

    def finish(self) -> Keys:
        """Return the frames that prompts share, ordered by event."""
        if len(self._codes) < ACCOUNTS:
            return Keys(np.empty(0, np.int64), pa.array([], pa.string()))
        words = np.concatenate(self._words)
        owner, account = np.concatenate(self._owner), np.concatenate(self._accounts)
        begins = _frequent(words, owner, account)
        found: dict[int, list[tuple[int, str]]] = {}
        for start, end in _stretches(begins, owner):
            row = int(owner[start])
            whole = _edge(owner, start - 1, row) and _edge(owner, end, row)
            if end - start >= LEAST_WORDS and not whole:
                value = xxhash.xxh3_128_hexdigest(words[start:end].tobytes())
                found.setdefault(row, []).append((start - end, value))
        pairs = [(row, v) for row in sorted(found) for _, v in sorted(found[row])[:MOST_FRAMES]]
        rows = np.array([row for row, _ in pairs], dtype=np.int64)
        return Keys(rows, pa.array([value for _, value in pairs], pa.string()))


def _edge(owner: I64, at: int, row: int) -> bool:
    """Tell whether a place lies outside a prompt."""
    return at < 0 or at >= len(owner) or int(owner[at]) != row


def _frequent(words: NDArray[np.uint32], owner: I64, account: I64) -> NDArray[np.bool_]:
    """Tell where `RUN` words begin that prompts of `ACCOUNTS` accounts have."""
    begins = np.zeros(len(words), dtype=np.bool_)
    count = len(words) - RUN + 1
    if count <= 0:
        return begins
    runs = np.zeros(count, dtype=np.uint64)
    for place in range(RUN):
        step = words[place : place + count].astype(np.uint64) + np.uint64(1)
        runs = (runs ^ step) * _PRIMES[place] + (runs >> np.uint64(29))
    inside = np.flatnonzero(owner[:count] == owner[RUN - 1 :])
    both = np.unique(np.stack([runs[inside], account[inside].astype(np.uint64)]), axis=1)
    values, accounts = np.unique(both[0], return_counts=True)
    shared = values[accounts >= ACCOUNTS]
    begins[inside] = np.isin(runs[inside], shared)
    return begins


def _stretches(begins: NDArray[np.bool_], owner: I64) -> list[tuple[int, int]]:
    """Return where stretches of shared runs begin and end (exclusive), each in one prompt."""
    at = np.flatnonzero(begins)
    if not len(at):
        return []
    new = np.ones(len(at), dtype=np.bool_)
    new[1:] = (np.diff(at) > 1) | (owner[at[1:]] != owner[at[:-1]])
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(at)) - 1
    ends = at[last] + RUN
    return list(zip(at[first].tolist(), ends.tolist(), strict=True))
