"""Two texts side by side."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.traces.origin.alignment import aligned

TEXTS = st.text(alphabet="aAb é,.\n住在🙂", max_size=60)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_parts_joined_are_the_texts(segment: str, post: str) -> None:
    parts = aligned(segment, post)
    assert "".join(part.segment for part in parts) == segment
    assert "".join(part.post for part in parts) == post


def test_what_was_changed_is_told() -> None:
    parts = aligned("Close the two branches now", "Close all the branches now")
    changed = [(part.segment, part.post) for part in parts if not part.same]
    assert "".join(new for _, new in changed).split() == ["all"]
    assert "".join(old for old, _ in changed).split() == ["two"]


def test_case_and_look_alikes_are_no_change() -> None:
    assert all(part.same for part in aligned("Close the vans", "CLOSE thе vans"))
