import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.events import event_id
from crossfix.events.readers.duplicates import Seen, keys_of


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), max_size=20), max_size=12))
def test_an_id_is_new_once(batches):
    seen, known = Seen(), set()
    for batch in batches:
        ids = [event_id("x", str(n)) for n in batch]
        wanted = []
        for one in ids:
            wanted.append(one not in known)
            known.add(one)
        assert seen.fresh(pa.array(ids, pa.string())).tolist() == wanted


def test_keys_are_the_first_16_digits():
    ids = pa.array(["0" * 32, "f" * 32, "0123456789abcdef" + "0" * 16])
    assert keys_of(ids.slice(1)).tolist() == [2**64 - 1, 0x0123456789ABCDEF]
