import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.campaigns.output.hostile import clipped, defang, shown, spelled

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
nasty = st.text(
    st.one_of(st.characters(), st.sampled_from(f"<>&\"'/:.{BIDI}\u200b\u200d\ufeff\0\x1bhtps")),
    max_size=120,
)


class Parsed(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


@settings(deadline=None, max_examples=300)
@given(nasty, st.lists(st.integers(0, 120), max_size=6))
def test_no_mark_up_of_the_text_survives(text, cuts):
    edges = sorted({min(c, len(text)) for c in cuts})
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    tags = Parsed(str(shown(text, spans))).tags
    assert {tag for tag, _ in tags} <= {"span", "mark"}
    for tag, attributes in tags:
        assert set(attributes) <= {"class", "title"}
        assert tag == "mark" or attributes["class"] == "hid"


@settings(deadline=None, max_examples=200)
@given(nasty)
def test_nothing_that_hides_or_reorders_is_left(text):
    for out in ("".join(Parsed(str(shown(text))).text), spelled(text, 200)):
        assert not set(out) & set(BIDI + "\u200b\ufeff\0\x1b")


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=60))
def test_plain_text_is_shown_as_it_is(text):
    if "http" not in text.lower():
        assert "".join(Parsed(str(shown(text))).text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see http://evil.example/a.html", "see hxxp://evil[.]example/a.html"),
        ("HTTPS://User:pw@bad.example.org:81/", "HxxPS://User:pw@bad[.]example[.]org:81/"),
        ("no link. none", "no link. none"),
    ],
)
def test_links_are_defanged(text, said):
    assert defang(text) == said
    assert "".join(Parsed(str(shown(text))).text) == said


def test_invisible_characters_are_named_and_runs_are_counted():
    html = str(shown("vo\u200b\u200b\u200bte\u202e"))
    assert ">ZWSP×3</span>" in html
    assert ">RLO</span>" in html
    assert "right-to-left override" in html


def test_joiners_that_do_their_work_are_left_alone():
    for text in ("👩‍👧", "نیم‌فاصله"):
        assert str(shown(text)) == text
    assert "ZWJ" in str(shown("pay\u200dpal"))


def test_a_tower_of_marks_is_cut_down():
    assert len(shown("a" + "\u0301" * 500)) == 5


def test_a_mark_may_begin_and_end_within_a_link():
    html = str(shown("http://a.example/x", [(3, 9)]))
    assert re.sub("</?mark>", "", html) == "hxxp://a[.]example/x"
    assert html.count("<mark>") == 1


@given(st.text(max_size=300), st.integers(1, 50), st.integers(0, 300))
def test_a_long_text_is_cut_to_length_around_its_first_mark(text, length, at):
    marked = [(at, at + 1)] if at < len(text) else []
    start, end = clipped(text, length, marked)
    assert 0 <= start <= end <= len(text)
    assert end - start == min(length, len(text))
    if marked:
        assert start <= at < end
