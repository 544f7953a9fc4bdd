from hypothesis import given
from hypothesis import strategies as st

from crossfix.cli.printable import printable


def test_what_steers_a_terminal_is_escaped_and_words_of_any_language_stay() -> None:
    assert printable("a\x1b[2J\r\u202eb\x07") == "a\\x1b[2J\\r\\u202eb\\x07"
    assert printable("Ärger, новости, ニュース 🎉\nzwei") == "Ärger, новости, ニュース 🎉\nzwei"


@given(st.text(st.characters()))
def test_nothing_but_printable_characters_and_line_feeds_is_left(text: str) -> None:
    assert all(c.isprintable() or c == "\n" for c in printable(text))
