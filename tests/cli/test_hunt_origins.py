"""Logs of AI services beside posts: fan-outs and chains become campaigns."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.hunt_world import START, campaigns, hunt, members
from tests.cli.origin_world import DRAFTS, batch, call, crowd, numbered, talk, write

AT = START + timedelta(days=4, hours=9)
TAKERS = [("x", "pear_tree"), ("x", "mill_lane_anna"), ("mastodon", "grandson"), ("x", "carl_b"),
          ("mastodon", "lena"), ("x", "river_walker")]  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Path:
    """One response with seven drafts, six of them posted by six accounts on two services."""
    folder = tmp_path_factory.mktemp("fan-out")
    rng = random.Random(3)
    asked = call(
        1, "openai", "u-77", AT, "Write seven angry posts about the cable", numbered(DRAFTS)
    )
    posts = crowd(rng) + batch(DRAFTS, TAKERS, AT)
    files = write(folder, posts, openai=[*talk(rng, "openai"), asked])
    out = folder / "out"
    assert hunt(*files, "--out", out, "--data", folder / "none") == 0
    return out


def test_one_response_posted_by_six_accounts_is_a_campaign_with_who_was_given_it(found):
    (campaign,) = campaigns(found)
    expected = {f"{service}:{name}" for service, name in TAKERS} | {"openai:u-77"}
    assert members(campaign) == expected
    assert campaign["coordination"] >= 0.5
    assert campaign["kinds"]["origin"] == 1
