import msgspec
import pytest
from worlds import world

from crossfix.campaigns.output.report.view import (
    FULL,
    LEAST,
    SHORT,
    anchor,
    campaign_view,
    key_view,
)


@pytest.fixture(scope="module")
def campaign():
    return world(campaigns=1, size=300).campaigns[0]


@pytest.mark.parametrize("bounds", [FULL, SHORT, LEAST])
def test_a_view_stays_within_its_bounds(campaign, bounds):
    view = campaign_view(campaign, 1, bounds)
    assert len(view.members) == bounds.members
    assert len(view.keys) == min(bounds.keys, len(campaign.evidence))
    for key in view.keys:
        assert len(key.posts) <= bounds.posts
        assert key.hidden == len(key.shared.posts) - len(key.posts)


def test_the_highest_scores_come_first(campaign):
    turned = msgspec.structs.replace(campaign, members=campaign.members[::-1])
    assert campaign_view(turned, 1, FULL).members == campaign_view(campaign, 1, FULL).members


def test_each_post_says_how_long_after_the_first_it_came(campaign):
    posts = key_view(campaign.evidence[0], FULL).posts
    assert posts[0].after == ""
    assert posts[1].after == "37 s later"
    assert posts[4].after == "2 min later"


def test_a_piece_that_evidence_names_is_marked_though_no_other_post_shown_has_it(campaign):
    post = msgspec.structs.replace(
        campaign.evidence[0].posts[0], text="only us two", shared=("us",)
    )
    shared = msgspec.structs.replace(campaign.evidence[0], posts=(post,))
    assert str(key_view(shared, FULL).posts[0].text) == "only <mark>us</mark> two"


def test_a_long_text_is_cut_to_where_the_mark_is(campaign):
    post = campaign.evidence[0].posts[0]
    text = "x " * 1500 + "the shared words are here" + " y" * 1500
    shared = msgspec.structs.replace(
        campaign.evidence[0],
        posts=tuple(
            msgspec.structs.replace(post, text=t) for t in (text, "the shared words are here")
        ),
    )
    seen = key_view(shared, FULL).posts[0]
    assert "<mark>the shared words are here</mark>" in str(seen.text)
    assert seen.cut_before
    assert seen.cut_after


def test_an_id_that_is_not_plain_makes_no_anchor(campaign):
    strange = msgspec.structs.replace(campaign, id='"><script>')
    assert anchor(strange, 7) == "c-7"
    assert anchor(campaign, 7) == f"c-{campaign.id}"
