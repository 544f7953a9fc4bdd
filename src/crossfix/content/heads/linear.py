"""A head that is trained on one's own texts: logistic regression on hashed runs of bytes.

Nothing is downloaded and nothing is random: the same texts give the same head. Runs of three to
five bytes of the folded text know no language and survive typing errors.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from crossfix.content.plain import plain
from crossfix.errors import FormatError, InputError

BITS = 18
SIZES = (3, 4, 5)
LONGEST = 20_000
LEAST_EXAMPLES = 10
"""Texts of a category, and texts of none, without which nothing can be learned."""

_PRIME = np.uint64(0x100000001B3)
_FORMAT = 1

F64 = NDArray[np.float64]


class LinearHead:
    """Weights per category over hashed runs; score 0.5 is the threshold it was trained to."""

    name = "linear"
    threshold = 0.5

    def __init__(self, categories: Sequence[str], weights: NDArray[np.float32], bias: F64) -> None:
        self.categories = tuple(categories)
        self._weights = weights
        self._bias = bias

    def score(self, text: str) -> dict[str, float]:
        """Return a score from 0 to 1 for each category it was trained on."""
        found = runs(text)
        reach = self._bias.copy()
        if len(found):
            reach += self._weights[:, found].sum(axis=1, dtype=np.float64) / np.sqrt(len(found))
        scores = 1 / (1 + np.exp(-np.clip(reach, -60, 60)))
        return dict(zip(self.categories, scores.tolist(), strict=True))

    def save(self, path: Path) -> None:
        """Write the head to a file (``.npz``)."""
        with path.open("wb") as file:
            np.savez_compressed(
                file, format=_FORMAT, categories=np.array(self.categories),
                weights=self._weights.astype(np.float16), bias=self._bias,
            )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> LinearHead:
        """Read a head from a file.

        Raises:
            FormatError: the file holds none.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                names = [str(name) for name in held["categories"]]
                weights, bias = held["weights"].astype(np.float32), held["bias"].astype(np.float64)
                right = int(held["format"]) == _FORMAT
        except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile) as e:
            raise FormatError(f"The file holds no head: {e}.", path=str(path)) from None
        if not right or weights.shape != (len(names), 1 << BITS) or bias.shape != (len(names),):
            raise FormatError("The file holds no head of this version.", path=str(path))
        return cls(names, weights, bias)


def runs(text: str) -> NDArray[np.int64]:
    """Return the distinct hashes of the runs of bytes of a folded text, ascending."""
    raw = f" {plain(text[:LONGEST])} ".encode()
    data = np.frombuffer(raw, dtype=np.uint8).astype(np.uint64)
    hashes = []
    for size in SIZES:
        if len(data) >= size:
            value = np.full(len(data) - size + 1, size, dtype=np.uint64)
            for place in range(size):
                value = (value ^ data[place : len(data) - size + 1 + place]) * _PRIME
            hashes.append((value ^ (value >> np.uint64(29))) & np.uint64((1 << BITS) - 1))
    return np.unique(np.concatenate(hashes)).astype(np.int64) if hashes else np.empty(0, np.int64)


def train_head(
    texts: Sequence[str], categories: Sequence[Set[str]], *, strength: float = 1.0,
    over_blocking: float = 0.01,
) -> LinearHead:  # fmt: skip
    """Train a head on texts and the categories that each belongs to (none: harmless).

    ``strength`` is that of the penalty on large weights. The threshold of each category is put
    where at most ``over_blocking`` of the harmless texts would reach it, scored by a head that
    had not seen them (every fifth text is held back for that; the head returned knows all).

    Raises:
        InputError: a category has too few texts, or there are too few harmless ones.
    """
    names = sorted(set().union(*categories)) if categories else []
    harmless = sum(not held for held in categories)
    short = [n for n in names if sum(n in held for held in categories) < LEAST_EXAMPLES]
    if short or harmless < LEAST_EXAMPLES or not names or len(texts) != len(categories):
        lack = ", ".join(short) or "harmless texts"
        raise InputError(f"Training needs at least {LEAST_EXAMPLES} texts of each kind: {lack}.")
    features = _matrix(texts)
    safe = np.array([not held for held in categories])
    late = np.arange(len(texts)) % 5 == 4
    weights = np.zeros((len(names), 1 << BITS), dtype=np.float32)
    bias = np.zeros(len(names))
    for row, name in enumerate(names):
        wanted = np.array([name in held for held in categories])
        early, at = _fitted(features[~late], wanted[~late], strength)
        reach = np.sort(features[late & safe] @ early + at) if (late & safe).any() else np.zeros(1)
        cut = float(reach[min(len(reach) - 1, int(np.ceil(len(reach) * (1 - over_blocking))))])
        found, start = _fitted(features, wanted, strength)
        weights[row] = found
        bias[row] = start - max(cut, 0.0)
    return LinearHead(names, weights, bias)


def _matrix(texts: Sequence[str]) -> Any:
    """Return the texts' runs as a sparse matrix whose rows have length one."""
    from scipy.sparse import csr_matrix

    found = [runs(text) for text in texts]
    sizes = np.array([len(one) for one in found])
    values = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return csr_matrix((values, np.concatenate(found), starts), shape=(len(texts), 1 << BITS))


def _fitted(features: Any, wanted: NDArray[np.bool_], strength: float) -> tuple[F64, float]:
    """Return the weights and the bias of a logistic regression, both classes weighed alike."""
    from scipy.optimize import minimize

    sign = np.where(wanted, 1.0, -1.0)
    share = np.where(wanted, 0.5 / max(1, wanted.sum()), 0.5 / max(1, (~wanted).sum()))
    penalty = strength / len(sign)

    def loss(point: F64) -> tuple[float, F64]:
        margin = sign * (features @ point[:-1] + point[-1])
        slope = -sign * share / (1 + np.exp(np.clip(margin, -60, 60)))
        value = float(share @ np.logaddexp(0, -margin)) + penalty / 2 * float(
            point[:-1] @ point[:-1]
        )
        return value, np.append(features.T @ slope + penalty * point[:-1], slope.sum())

    found = minimize(
        loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B",
        options={"maxiter": 200, "maxcor": 10},
    ).x  # fmt: skip
    return found[:-1], float(found[-1])
