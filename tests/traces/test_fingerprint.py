import pyarrow as pa
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.fingerprint import digest, digests, key_hash, key_hashes


@settings(deadline=None)
@given(st.text(max_size=8), st.lists(st.text()), st.integers(0, 3))
def test_columns_and_single_values_hash_alike(kind: str, values: list[str], cut: int) -> None:
    column = pa.array(values, pa.string()).slice(cut)
    values = values[cut:]
    assert key_hashes(kind, column).tolist() == [key_hash(kind, v) for v in values]
    assert digests(column).to_pylist() == [digest(v) for v in values]


def test_the_definition_is_fixed() -> None:
    assert key_hash("url", "example.org") == xxhash.xxh3_64_intdigest(b"url\x1fexample.org")
    assert key_hash("url", "example.org") == 0x12B8EAC2FFF3851A
