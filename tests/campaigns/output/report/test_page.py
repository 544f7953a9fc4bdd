import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import msgspec
import pytest
from worlds import HOSTILE, empty, world

from crossfix.campaigns.output.report.page import render

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """The elements of a page, whether they are closed in order, and its text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.text, self.ids = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.text.append(data)


@pytest.fixture(scope="module")
def html():
    return render(world())


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_elements_are_closed_in_order_and_ids_are_unique(page):
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_page_loads_nothing_and_links_only_within_itself(page):
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), tag
            assert name != "style", tag
            if name in ("href", "xlink:href"):
                assert value.startswith(("#", "data:image/svg+xml,")), value
            assert name not in ("src", "action", "srcset", "formaction"), tag


def test_every_link_within_the_page_leads_somewhere(page):
    for _, attributes in page.elements:
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in page.ids


def test_the_policy_allows_exactly_the_style_and_script_of_the_page(html):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "unsafe" not in policy
    assert policy.startswith("default-src &#39;none&#39;;")
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy


def test_no_hostile_string_becomes_mark_up(page):
    scripts = [a for tag, a in page.elements if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    assert not {tag for tag, _ in page.elements} & {"img", "iframe", "object", "embed", "i"}
    text = "".join(page.text)
    assert HOSTILE[0] in text
    assert HOSTILE[4] in text


def test_nothing_in_the_page_hides_or_turns_the_direction(html):
    assert not set(html) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff\0")


def test_no_address_in_the_page_can_be_taken_for_a_link(page):
    assert not re.search(r"https?://\w+\.example", "".join(page.text))


def test_the_data_cannot_end_its_element_and_is_good_json(html):
    body = re.search(r'id="data">(.*?)</script>', html, re.S)[1]
    assert "<" not in body
    assert msgspec.json.decode(body)["network"]["x"]


def test_what_posts_share_is_marked(html):
    assert re.search(r"<mark>BREAKING: the harbour bridge was closed[^<]*hxxps", html)


def test_every_skip_limit_and_note_is_said(page):
    text = "".join(page.text)
    assert "12: the time is in the future" in text
    assert "hxxps://viral[.]example/cat?<b>" in text
    assert "not compared" in text
    assert "Reposts are compared as a kind of their own." in text


def test_a_hunt_with_nothing_in_it_has_a_page():
    page = Page(render(empty()))
    assert page.open == []
    assert "No accounts act as one" in "".join(page.text)


def test_links_outside_campaigns_are_not_denied():
    result = empty()
    assert "single link" not in render(result)
    ends = world().accounts[:2]
    linked = tuple(msgspec.structs.replace(a, campaign=None, links=1) for a in ends)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    alone = msgspec.structs.replace(result, accounts=linked, first=at, last=at)
    text = " ".join("".join(Page(render(alone)).text).split())
    assert "explains; 1 single link is in links.parquet ." in text.replace("parquet.", "parquet .")


def test_the_legend_speaks_of_grey_only_where_something_is_grey(page):
    assert "grey" not in "".join(page.text)
    many = "".join(Page(render(world(campaigns=650, accounts=40_000, size=12))).text)
    assert "further down the order than the list goes are grey" in many


def test_a_large_hunt_stays_below_five_megabytes_and_says_what_it_leaves_out():
    html = render(world(campaigns=650, accounts=40_000, size=12))
    assert len(html.encode()) < 5_000_000
    page = Page(html)
    assert page.open == []
    text = "".join(page.text)
    assert "50 more campaigns further down the order" in text
    assert "the strongest of" in text


def test_the_most_coordinated_campaign_comes_first_whatever_the_order_given():
    result = world()
    turned = msgspec.structs.replace(result, campaigns=result.campaigns[::-1])
    assert render(turned) == render(result)
