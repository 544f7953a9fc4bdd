"""Nearest segments by blocks, against the slow and obvious way."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import of_length_one
from crossfix.traces.origin import nearest as module
from crossfix.traces.origin.nearest import nearest


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 20), st.integers(0, 30), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_blocks_find_what_one_product_finds(
    texts: int, segments: int, most: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    ours = of_length_one(random.normal(size=(texts, 6)).astype(np.float32))
    theirs = of_length_one(random.integers(-1, 2, size=(segments, 6)).astype(np.float32))
    block, module._BLOCK = module._BLOCK, 40
    try:
        found = nearest(ours, theirs, most)
    finally:
        module._BLOCK = block
    assert found.segments.shape == (texts, min(most, segments))
    for row, vector in enumerate(ours):
        cosines = np.array([vector @ other for other in theirs])
        best = np.sort(cosines)[::-1][:most]
        np.testing.assert_allclose(found.cosines[row], best, atol=1e-5)
        np.testing.assert_allclose(cosines[found.segments[row]], best, atol=1e-5)
