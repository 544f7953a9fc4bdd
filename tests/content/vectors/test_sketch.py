"""Compiled and plain sketches answer alike."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import of_length_one
from crossfix.content.vectors import kernel
from crossfix.content.vectors.centres import Centres, trained
from crossfix.content.vectors.sketch import closest_plainly, sketch


def normal(rows: int, width: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)
    return of_length_one(drawn)


def test_a_sketch_has_a_bit_for_each_number_above_the_middle() -> None:
    vectors, middle = normal(20, 70, 1), normal(1, 70, 2)[0]
    bits = np.unpackbits(sketch(vectors, middle).view(np.uint8), axis=1)
    np.testing.assert_array_equal(bits[:, :70], vectors > middle)
    assert not bits[:, 70:].any()


@given(st.integers(0, 2**16), st.integers(1, 60), st.integers(1, 40), st.sampled_from([3, 64, 130]))
@settings(deadline=None, max_examples=40)
def test_compiled_and_plain_code_choose_the_same_rows(
    seed: int, rows: int, most: int, width: int
) -> None:
    random = np.random.default_rng(seed)
    middle = np.zeros(width, dtype=np.float32)
    sketches = sketch(normal(rows, width, seed), middle)
    asked = sketch(normal(1, width, seed + 1), middle)[0]
    cuts = np.sort(random.integers(0, rows + 1, 4))
    begins, ends = cuts[::2].astype(np.int64), cuts[1::2].astype(np.int64)
    one = kernel.closest(sketches, begins, ends, asked, most)
    other = closest_plainly(sketches, begins, ends, asked, most)
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_vectors_lie_nearly_always_in_the_cell_of_the_nearest_centre() -> None:
    vectors = normal(3_000, 64, 3)
    centres = trained(vectors, 200)
    exact = np.argmax(vectors @ centres.vectors.T, axis=1)
    assert (centres.cells(vectors) == exact).mean() >= 0.9
    few = Centres(centres.middle, centres.vectors[:20])
    np.testing.assert_array_equal(
        few.cells(vectors), np.argmax(vectors @ centres.vectors[:20].T, axis=1)
    )


def test_the_nearest_cells_come_best_first() -> None:
    vectors = normal(3_000, 64, 4)
    centres = trained(vectors, 200)
    near = centres.near(vectors[0], 10)
    products = centres.vectors @ vectors[0]
    assert (np.diff(products[near]) <= 0).all()
    assert near[0] == products.argmax()
