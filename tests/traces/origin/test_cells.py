"""Cells find nearly what comparing everything finds."""

import numpy as np

from crossfix.content.encoders import of_length_one
from crossfix.traces.origin.cells import Cells
from crossfix.traces.origin.nearest import nearest


def crowd(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    topics = random.normal(size=(40, 24))
    return of_length_one(
        (topics[random.integers(0, 40, count)] + random.normal(size=(count, 24))).astype(np.float32)
    )


def test_copies_are_found_nearly_always_and_others_mostly() -> None:
    segments, strangers = crowd(6_000, 1), crowd(300, 2)
    noise = np.random.default_rng(3).normal(size=(300, 24)).astype(np.float32)
    copies = of_length_one(segments[:300] + 0.05 * noise)
    cells = Cells(segments)
    for texts, least in ((copies, 0.99), (strangers, 0.85)):
        exact, found = nearest(texts, segments, 3), cells.nearest(texts, 3)
        hit = found.segments[:, 0] == exact.segments[:, 0]
        assert hit.mean() >= least
        np.testing.assert_allclose(found.cosines[hit, 0], exact.cosines[hit, 0], atol=1e-5)


def test_looking_into_every_cell_is_exact() -> None:
    segments, texts = crowd(500, 3), crowd(50, 4)
    exact = nearest(texts, segments, 4)
    found = Cells(segments).nearest(texts, 4, probes=10_000)
    np.testing.assert_allclose(found.cosines, exact.cosines, atol=1e-5)


def test_the_same_vectors_make_the_same_cells() -> None:
    segments, texts = crowd(800, 5), crowd(20, 6)
    one, other = Cells(segments).nearest(texts, 2), Cells(segments).nearest(texts, 2)
    np.testing.assert_array_equal(one.segments, other.segments)
