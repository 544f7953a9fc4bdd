"""Texts that say the same are told from texts about the same."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import of_length_one
from crossfix.content.vectors import Near
from crossfix.traces.meaning import clusters
from crossfix.traces.meaning.cluster import LEAST_COSINE, NEIGHBOURS


def around(middle: np.ndarray, count: int, cosine: float, seed: int) -> np.ndarray:
    """Return vectors at this cosine from a middle, each off in a direction of its own."""
    off = np.random.default_rng(seed).normal(size=(count, len(middle))).astype(np.float32)
    off -= (off @ middle)[:, None] * middle
    return of_length_one(cosine * middle + np.sqrt(1 - cosine**2) * of_length_one(off))


def middles(count: int) -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(count, 256)).astype(np.float32)
    return of_length_one(drawn)


def nearest(vectors: np.ndarray) -> Near:
    products = vectors @ vectors.T
    order = np.argsort(-products, axis=1, kind="stable")[:, :NEIGHBOURS]
    cosines = np.take_along_axis(products, order, axis=1)
    short = max(0, NEIGHBOURS - len(vectors))
    pad = ((0, 0), (0, short))
    return Near(np.pad(order, pad, constant_values=-1), np.pad(cosines, pad, constant_values=-1.0))


def test_rewordings_of_one_text_are_a_cluster_and_strangers_are_none() -> None:
    said, strangers = middles(1)[0], middles(60)[1:]
    vectors = np.concatenate([around(said, 6, 0.93, 1), strangers])
    label = clusters(nearest(vectors))
    assert len(set(label[:6].tolist())) == 1
    assert label[0] >= 0
    assert (label[6:] == -1).all()


def test_a_subject_that_many_talk_about_is_no_cluster() -> None:
    subject = middles(1)[0]
    crowd = np.concatenate(
        [around(subject, 30, cosine, seed) for seed, cosine in enumerate((0.8, 0.84, 0.88))]
    )
    assert (clusters(nearest(crowd)) == -1).all()


def test_few_rewordings_within_what_others_say_of_the_subject_are_found() -> None:
    subject = middles(1)[0]
    others = around(subject, 40, 0.7, 2)
    said = around(others[0], 5, 0.95, 3)
    label = clusters(nearest(np.concatenate([said, others[1:]])))
    assert (label[:5] >= 0).all()
    assert (label[5:] == -1).all()


@given(st.integers(0, 10_000), st.floats(0.75, 0.99))
@settings(deadline=None, max_examples=25)
def test_every_member_says_the_same_as_the_centre_itself(seed: int, cosine: float) -> None:
    vectors = np.concatenate([around(m, 4, cosine, seed) for m in middles(8)])
    label = clusters(nearest(vectors))
    for row in np.flatnonzero(label >= 0).tolist():
        assert label[label[row]] == label[row]
        assert vectors[row] @ vectors[label[row]] >= LEAST_COSINE - 1e-5
