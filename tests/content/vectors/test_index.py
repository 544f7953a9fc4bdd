"""The index of vectors finds what is near, grows, expires and notices what damage was done."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.content.encoders import of_length_one
from crossfix.content.vectors import Lost, VectorIndex
from crossfix.content.vectors.index import MERGED
from crossfix.errors import IntegrityError

WIDTH = 256


def crowd(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    topics = random.normal(size=(40, WIDTH))
    own = random.normal(size=(count, WIDTH))
    return of_length_one((topics[random.integers(0, 40, count)] + own).astype(np.float32))


def opened(folder: Path, encoder: str = "crowd") -> VectorIndex:
    return VectorIndex.open(folder, encoder=encoder, dimensions=WIDTH)


def filled(folder: Path, vectors: np.ndarray, batch: int = 400) -> VectorIndex:
    index = opened(folder)
    for at in range(0, len(vectors), batch):
        numbers = np.arange(at, min(len(vectors), at + batch))
        index.add(numbers, 1_000 * numbers, vectors[at : at + batch])
    return index


def test_the_nearest_are_found_best_first_and_their_cosines_are_exact(tmp_path: Path) -> None:
    vectors, strangers = crowd(3_000, 1), crowd(100, 2)
    noise = np.random.default_rng(3).normal(size=(100, WIDTH), scale=0.03).astype(np.float32)
    copies = of_length_one(vectors[:100] + noise)
    index = filled(tmp_path, vectors)
    for asked, least in ((copies, 0.99), (strangers, 0.8)):
        near, products = index.nearest(asked, 5), asked @ vectors.T
        assert (near.numbers[:, 0] == products.argmax(axis=1)).mean() >= least
        own = products[np.arange(100)[:, None], near.numbers]
        np.testing.assert_allclose(near.cosines, own, atol=2e-4)
        assert (np.diff(near.cosines, axis=1) <= 0).all()


def test_what_was_added_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    vectors = crowd(1_000, 3)
    index = filled(tmp_path, vectors)
    again = opened(tmp_path)
    assert len(again) == len(index) == 1_000
    assert again.lost == ()
    one, other = (i.nearest(vectors[:20], 3) for i in (index, again))
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(one.numbers[:, 0], np.arange(20))


def test_small_files_become_large_ones_and_nothing_else_stays(tmp_path: Path) -> None:
    index = filled(tmp_path, crowd(MERGED * 300, 4), batch=300)
    assert len(index) == MERGED * 300
    assert len(list(tmp_path.glob("vectors-*"))) == 1


def test_large_indexes_look_into_cells_and_find_the_near_all_the_same(tmp_path: Path) -> None:
    vectors = crowd(24_000, 5)
    index = filled(tmp_path, vectors, batch=6_000)
    noise = np.random.default_rng(6).normal(size=(200, WIDTH), scale=0.03).astype(np.float32)
    copies = of_length_one(vectors[:200] + noise)
    assert (index.nearest(copies, 1).numbers[:, 0] == np.arange(200)).mean() >= 0.98
    assert len(opened(tmp_path)) == 24_000


def test_what_is_old_is_forgotten_and_meanwhile_not_answered(tmp_path: Path) -> None:
    vectors = crowd(900, 7)
    index = filled(tmp_path, vectors, batch=300)
    assert (index.nearest(vectors[:5], 1, since=450_000).numbers >= 450).all()
    size = index.bytes
    assert index.expire(500_000) == 500
    assert len(index) == 400
    assert index.bytes < 0.6 * size
    assert (index.nearest(vectors[:50], 3).numbers >= 500).all()
    assert len(opened(tmp_path)) == 400


@given(st.integers(0, 1_000_000))
@settings(deadline=None, max_examples=12)
def test_expired_rows_are_never_answered(before: int) -> None:
    import tempfile

    vectors = crowd(200, 8)
    with tempfile.TemporaryDirectory() as folder:
        index = filled(Path(folder), vectors, batch=64)
        index.expire(before)
        found = index.nearest(vectors, 2, since=before).numbers
        assert (found[found >= 0] * 1_000 >= before).all()


def again_of(vectors: np.ndarray, asked: list[Lost]) -> object:
    def again(lost: Lost) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        asked.append(lost)
        numbers = np.arange(max(0, lost.first), min(len(vectors) - 1, lost.last) + 1)
        yield numbers, 1_000 * numbers, vectors[numbers]

    return again


@pytest.mark.parametrize("how", ["a bit", "an end", "all of it"])
def test_a_damaged_file_is_noticed_and_built_again(tmp_path: Path, how: str) -> None:
    vectors = crowd(1_200, 9)
    filled(tmp_path, vectors)
    path = sorted(tmp_path.glob("vectors-*"))[1]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    if how == "all of it":
        path.unlink()
    else:
        path.write_bytes(raw if how == "a bit" else raw[:-7])
    index = opened(tmp_path)
    assert len(index) == 800
    asked: list[Lost] = []
    assert index.restore(again_of(vectors, asked)) == 400  # type: ignore[arg-type]
    assert [(lost.rows, lost.first, lost.last) for lost in asked] == [(400, 400, 799)]
    assert index.lost == ()
    np.testing.assert_array_equal(index.nearest(vectors, 1).numbers[:, 0], np.arange(1_200))
    assert len(opened(tmp_path)) == 1_200


def test_a_damaged_list_loses_everything_and_all_comes_back(tmp_path: Path) -> None:
    vectors = crowd(600, 10)
    filled(tmp_path, vectors)
    (tmp_path / "index.json").write_bytes(b"{}")
    index = opened(tmp_path)
    assert len(index) == 0
    assert index.restore(again_of(vectors, [])) == 600  # type: ignore[arg-type]
    np.testing.assert_array_equal(index.nearest(vectors, 1).numbers[:, 0], np.arange(600))


def test_damaged_cells_are_made_anew_from_what_is_there(tmp_path: Path) -> None:
    vectors = crowd(600, 11)
    filled(tmp_path, vectors)
    (path,) = tmp_path.glob("centres-*")
    path.write_bytes(b"nothing")
    index = opened(tmp_path)
    assert (len(index), index.lost) == (600, ())
    np.testing.assert_array_equal(index.nearest(vectors, 1).numbers[:, 0], np.arange(600))


def test_a_crash_while_writing_leaves_the_index_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = crowd(800, 12)
    index = filled(tmp_path, vectors[:400])
    real = Path.replace

    def torn(self: Path, target: Path) -> Path:
        if self.name.startswith("index.json"):
            raise OSError("the power is gone")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", torn)
    numbers = np.arange(400, 800)
    with pytest.raises(OSError, match="power"):
        index.add(numbers, 1_000 * numbers, vectors[400:])
    monkeypatch.undo()
    after = opened(tmp_path)
    assert (len(after), after.lost) == (400, ())
    assert not list(tmp_path.glob("*.part"))


def test_vectors_of_another_encoder_are_never_compared(tmp_path: Path) -> None:
    filled(tmp_path, crowd(100, 13))
    other = opened(tmp_path, "another")
    assert len(other) == 0
    assert [lost.rows for lost in other.lost] == [None]
    assert not list(tmp_path.glob("vectors-*"))


def test_an_empty_index_answers_that_there_is_nothing(tmp_path: Path) -> None:
    near = opened(tmp_path).nearest(crowd(2, 14), 3)
    assert (near.numbers == -1).all()
    assert (near.cosines == -1).all()


def test_vectors_of_a_wrong_width_are_refused(tmp_path: Path) -> None:
    index = filled(tmp_path, crowd(50, 15))
    with pytest.raises(IntegrityError, match="256"):
        index.add(np.arange(3), np.arange(3), np.ones((3, 7), dtype=np.float32))
