"""What one encoder would make of a text, told from what another makes of it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import of_length_one
from crossfix.traces.origin.bridge import RIDGE, Bridge

MEANINGS = 12


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_a_text_arrives_nearest_to_what_the_other_encoder_makes_of_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    meant = random.normal(size=(440, MEANINGS))
    one, other = random.normal(size=(MEANINGS, 40)), random.normal(size=(MEANINGS, 24))
    first = of_length_one((meant @ one + 3.0).astype(np.float32))
    second = of_length_one((meant @ other - 2.0).astype(np.float32))
    bridge = Bridge(second[40:], first[40:])
    cosines = bridge.crossed(second[:40]) @ bridge.centred(first[:40]).T
    assert (cosines.argmax(axis=1) == np.arange(40)).mean() >= 0.95


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_map_is_the_one_that_a_fit_column_by_column_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.normal(size=(30, 4)).astype(np.float32)
    second = random.normal(size=(30, 5)).astype(np.float32)
    given_ = second - second.mean(axis=0)
    rows = np.vstack([given_, np.sqrt(RIDGE) * np.eye(5)])
    columns = [
        np.linalg.lstsq(rows, np.concatenate([c - c.mean(), np.zeros(5)]), rcond=None)[0]
        for c in first.T.astype(np.float64)
    ]
    plain = of_length_one(given_ @ np.column_stack(columns))
    np.testing.assert_allclose(Bridge(second, first).crossed(second), plain, atol=1e-4)


def test_a_text_without_a_word_is_near_to_nothing() -> None:
    random = np.random.default_rng(3)
    first = random.normal(size=(20, 4)).astype(np.float32)
    second = random.normal(size=(20, 5)).astype(np.float32)
    bridge = Bridge(second, first)
    assert not bridge.crossed(np.zeros((2, 5), np.float32)).any()
    assert not bridge.centred(np.zeros((2, 4), np.float32)).any()
