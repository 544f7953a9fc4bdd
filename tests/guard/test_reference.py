import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crossfix.guard.reference import References


@given(st.integers(0, 2**64))
def test_references_can_be_quoted_and_none_comes_twice(start: int) -> None:
    source = References(start)
    seen = [source.next() for _ in range(500)]
    assert len(set(seen)) == 500
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", r) for r in seen)
    # Neighbours differ in most places, so that a slip of the tongue meets no other decision.
    differ = [sum(a != b for a, b in zip(x, y, strict=True)) for x, y in pairwise(seen)]
    assert sum(differ) / len(differ) > 7


def test_the_mixing_meets_no_number_twice() -> None:
    source = References(0)
    assert len({source.next() for _ in range(100_000)}) == 100_000
