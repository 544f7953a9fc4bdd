"""Vectors of posts that were made before."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.quality.vector_cache import CachedEncoder

from crossfix.content.encoders import Vectors


class Letters:
    """A vector tells whether a text has an a and whether it has a b."""

    name, dimensions = "letters", 2

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.array([["a" in t, "b" in t] for t in texts], np.float32).reshape(-1, 2)


def test_only_texts_with_words_that_are_far_from_every_segment_are_taken(tmp_path: Path) -> None:
    texts = ["bbb", "aaa", "https://example.org/x"]
    pq.write_table(pa.table({"text": texts}), tmp_path / "texts.parquet")
    np.save(tmp_path / "v000.npy", np.array([[0, 1], [1, 0], [0, 1]], np.float16))
    cached = CachedEncoder(Letters(), tmp_path, ["a"])
    vectors = cached.encode(["bbb", "aaa", "", "b"])
    assert (cached.known, cached.encoded) == (1, 3)
    assert vectors.tolist() == [[0, 1], [1, 0], [0, 0], [0, 1]]
