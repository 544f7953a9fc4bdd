import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import to_batch
from crossfix.store.log import known
from crossfix.store.log.known import hashed
from crossfix.store.log.sqlite import SqliteLog

from .writer import event

HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


@settings(deadline=None)
@given(st.lists(HEX | st.text(max_size=40), max_size=20))
def test_a_hash_depends_on_the_id_alone(ids: list[str]) -> None:
    array = pa.chunked_array([pa.array(ids, pa.string())])
    together = hashed(array)
    alone = [hashed(pa.chunked_array([pa.array([i], pa.string())]))[0] for i in ids]
    assert together.tolist() == [int(a) for a in alone]
    assert hashed(array.slice(1)).tolist() == together.tolist()[1:]
    pieces = pa.chunked_array([pa.array([i], pa.string()) for i in ids], pa.string())
    assert hashed(pieces).tolist() == together.tolist()


def test_different_ids_have_different_hashes() -> None:
    ids = [f"{n:032x}" for n in range(100_000)] + [f"{n << 64:032x}" for n in range(1, 100_000)]
    assert len(np.unique(hashed(pa.chunked_array([ids])))) == len(ids)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=12), max_size=12),
    st.integers(1, 5),
)
def test_ids_of_one_hash_are_still_told_apart(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[int]], different: int
) -> None:
    def few(ids: pa.ChunkedArray) -> known.Hashes:
        return np.array([int(i, 16) % different for i in ids.to_pylist()], np.int64)

    seen: set[int] = set()
    folder = tmp_path_factory.mktemp("log")
    with pytest.MonkeyPatch.context() as patch, SqliteLog(folder / "e.sqlite", seal_rows=4) as log:
        patch.setattr(known, "hashed", few)
        for batch in batches:
            new = log.append(to_batch([event(0, n) for n in batch]))
            assert new == len(set(batch) - seen)
            seen |= set(batch)
        got = sorted(int(i[24:], 16) for b in log.read() for i in b["id"].to_pylist())
    assert got == sorted(seen)
