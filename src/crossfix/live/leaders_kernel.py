"""The compiled step of `leaders`: giving texts to the one that they resemble."""

from __future__ import annotations

import numpy as np

from crossfix.compiled import compiled
from crossfix.traces.kernel import bands_of, common, cut, runs
from crossfix.traces.minhash import BANDS, PERMUTATIONS

MOST_WALKED = 32
"""Texts of one bucket that are passed, those that share no more than its place among them."""

MARKS = 4
"""Words of 64 bits that stand for a text's shingles."""


@compiled
def _ones(word):  # type: ignore[no-untyped-def]
    """Count the bits of a word that are set."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def mark(hashes, begin, end, bits):  # type: ignore[no-untyped-def]
    """Set a bit for each shingle, chosen by its hash."""
    bits[:] = np.uint64(0)
    for i in range(begin, end):
        at = hashes[i] & np.uint64(64 * MARKS - 1)
        bits[at >> np.uint64(6)] |= np.uint64(1) << (at & np.uint64(63))


@compiled
def shared_at_most(size, bits, other):  # type: ignore[no-untyped-def]
    """Return what a text of so many shingles shares with another at most, by the bits of both.

    A bit that only the one has stands for a shingle at least that the other lacks.
    """
    lacking = 0
    for i in range(MARKS):
        lacking += _ones(bits[i] & ~other[i])
    return size - lacking


@compiled
def _nearest(  # type: ignore[no-untyped-def]
    own,
    size,
    bits,
    bands,
    heads,
    after,
    keys,
    offsets,
    hashes,
    marks,
    least,
    enough,
    probes,
    asked,
    turn,
):
    """Return the text of the index that a text resembles most, or -1.

    ``asked`` says of each text of the index at which turn it was compared last.
    """
    mask = heads.shape[1] - 1
    best, best_near = -1, 0.0
    for band in range(BANDS):
        text = heads[band, bands[band] & mask]
        probed, walked = 0, 0
        while text >= 0 and probed < probes and walked < MOST_WALKED:
            walked += 1
            # Others in the bucket only share its place: they are passed at the cost of one look.
            if keys[text, band] == bands[band]:
                probed += 1
                if asked[text] != turn:
                    asked[text] = turn
                    begin, end = offsets[text], offsets[text + 1]
                    # Most share a band by chance; a few words of bits tell that they are unlike.
                    most = shared_at_most(size, bits, marks[text])
                    if most + 1e-6 >= max(least, best_near) * (size + end - begin - most):
                        shared = common(own, 0, size, hashes, begin, end)
                        union = size + end - begin - shared
                        near = shared / union
                        alike = near >= least and (shared >= enough or shared == union)
                        # Of two as near the older one: what came first keeps its following.
                        if alike and (near > best_near or (near == best_near and text < best)):
                            best, best_near = text, near
                            if shared == union:
                                return best
            text = after[text, band]
    return best


@compiled
def assign(  # type: ignore[no-untyped-def]
    data,
    starts,
    heads,
    after,
    keys,
    offsets,
    hashes,
    marks,
    count,
    answer,
    least,
    enough,
    probes,
    asked,
    turn,
):
    """Write for each folded text the text that it resembles, itself if none; return the texts.

    Texts that resemble none are put into the index, for which there must be room.
    """
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    units = np.empty(longest + 1, dtype=np.uint64)
    own = np.empty(longest + 1, dtype=np.uint64)
    least_values = np.empty(PERMUTATIONS, dtype=np.uint32)
    bands = np.empty(BANDS, dtype=np.uint32)
    bits = np.empty(MARKS, dtype=np.uint64)
    mask = heads.shape[1] - 1
    for i in range(len(starts) - 1):
        number, characters = cut(data, starts[i], starts[i + 1], units)
        size = runs(units, number, characters, own)
        if size == 0:
            answer[i] = -1
            continue
        bands_of(own, size, least_values, bands)
        mark(own, 0, size, bits)
        near = _nearest(
            own,
            size,
            bits,
            bands,
            heads,
            after,
            keys,
            offsets,
            hashes,
            marks,
            least,
            enough,
            probes,
            asked,
            turn + i,
        )
        if near < 0:
            near = count
            hashes[offsets[near] : offsets[near] + size] = own[:size]
            offsets[near + 1] = offsets[near] + size
            marks[near] = bits
            for band in range(BANDS):
                keys[near, band] = bands[band]
                place = bands[band] & mask
                after[near, band] = heads[band, place]
                heads[band, place] = near
            count += 1
        answer[i] = near
    return count


@compiled
def marked(offsets, hashes, first, end, marks):  # type: ignore[no-untyped-def]
    """Set the bits of texts that are in the index."""
    for text in range(first, end):
        mark(hashes, offsets[text], offsets[text + 1], marks[text])
