"""Where the lexical head says that sentences end."""

import re

from hypothesis import given
from hypothesis import strategies as st

from crossfix.content.heads.lexical import _SENTENCE_ENDS


@given(st.lists(st.sampled_from(list(".!?;, \"')a\n。？！、ｅ")), max_size=40).map("".join))
def test_sentences_end_at_a_sign_before_a_gap_or_at_a_sign_of_chinese(text: str) -> None:
    raw = text.encode()
    slow = re.finditer(rb"[.!?;][\s\"')]|\xe3\x80\x82|\xef\xbc\x9f|\xef\xbc\x81", raw)
    assert [m.span() for m in _SENTENCE_ENDS.finditer(raw)] == [m.span() for m in slow]
