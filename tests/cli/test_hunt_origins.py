"""Logs of AI services beside posts: fan-outs and chains become campaigns."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
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


def test_the_campaign_says_what_was_posted_of_which_response(found):
    (campaign,) = campaigns(found)
    (fan_out,) = campaign["fan_outs"]
    assert (fan_out["service"], fan_out["account"]) == ("openai", "openai:u-77")
    assert fan_out["actors"] == 6
    assert fan_out["segments"] == [1, 2, 3, 4, 5, 6]
    assert fan_out["in_turn"] is True
    assert fan_out["benign"] == []
    assert fan_out["by_chance"] < 1e-6
    assert "Of one response of openai, 6 accounts posted 6 parts, in turn" in campaign["summary"]
    assert "chains" not in campaign


def test_parts_of_one_response_as_words_of_several_accounts_count_as_inauthentic_but_never_alone(
    found: Path, honest: Path
) -> None:
    (campaign,) = campaigns(found)
    assert campaign["parts"]["provenance"] == pytest.approx(6 / 7)
    assert 0.1 < campaign["inauthenticity"] < 0.5
    assert f"inauthenticity ({campaign['inauthenticity']:.2f})" in campaign["summary"]
    assert all("provenance" not in other["parts"] for other in campaigns(honest))


def test_links_and_evidence_lead_down_to_the_completion_and_the_posts(found):
    links = pq.read_table(found / "links.parquet").to_pylist()
    pairs = {(row["account_a"], row["account_b"]) for row in links if row["kind"] == "origin"}
    assert len(pairs) == 21
    evidence = pq.read_table(found / "evidence.parquet").to_pylist()
    texts = [row["text"] for row in evidence if row["kind"] == "origin"]
    assert sorted(texts) == sorted([*DRAFTS[:6], numbered(DRAFTS)])


def test_the_report_shows_the_fan_out_and_is_free_of_what_it_quotes(found):
    page = (found / "report.html").read_text("utf-8")
    assert "6 accounts posted 6 parts in turn" in page
    assert "completions compared with" in page


@pytest.fixture(scope="module")
def honest(tmp_path_factory) -> Path:
    """An agency's clients, readers who share a text, a press office: each from one response."""
    folder = tmp_path_factory.mktemp("honest")
    rng = random.Random(5)
    clients = [
        "The sourdough starter is awake again, fresh rye loaves from seven tomorrow morning.",
        "Our new spinning bikes arrived, book a trial hour before Friday at the front desk.",
        "Winter tyres for every model are in stock, drive in without an appointment.",
        "Tonight the quartet plays Schubert in the small hall, doors open at half past six.",
        "Lost a filling? The practice has an emergency hour on Saturdays from ten.",
        "Pumpkin carving for children under twelve, bring an apron, we have the knives.",
    ]
    shared = "Tell the minister today: school lunches must stay free for every child in this town."
    statement = "We regret that the ferry was cancelled and refund every ticket within ten days."
    calls = [
        call(1, "openai", "agency", AT, "One post for each of our six clients", numbered(clients)),
        call(2, "openai", "union", AT, "A text for members to share", numbered([shared])),
        call(3, "openai", "press", AT, "A statement about the ferry", numbered([statement])),
    ]
    firms = [("x", name) for name in ("rye", "gym", "tyres", "hall", "dentist", "farm")]
    posts = crowd(rng) + batch(clients, firms, AT)
    posts += batch([shared] * 9, [("x", f"member_{n}") for n in range(9)], AT, 40)
    posts += batch([statement] * 3, [(s, "ferries") for s in ("x", "mastodon", "bluesky")], AT, 2)
    files = write(folder, posts, openai=[*talk(rng, "openai"), *calls])
    out = folder / "out"
    assert hunt(*files, "--out", out, "--data", folder / "none") == 0
    return out


def test_honest_fan_outs_are_found_and_never_first_in_the_queue(honest):
    for campaign in campaigns(honest):
        assert campaign["inauthenticity"] < 0.5
        assert all(fan_out["benign"] for fan_out in campaign["fan_outs"])
        assert "An honest reason is possible" in campaign["summary"]
    told = {f["benign"][0] for c in campaigns(honest) for f in c["fan_outs"]}
    assert any("no subject in common" in reason for reason in told)


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Path:
    """A plan on one service, texts on a second, translated-looking edits on a third, then posts."""
    folder = tmp_path_factory.mktemp("chain")
    rng = random.Random(9)
    plan = ("Push the message that the allotments on Mill Lane are older than the county itself, "
            "and that the line could run under the river at no more cost.")  # fmt: skip
    hour = timedelta(hours=1)
    logs = {
        "openai": [call(1, "openai", "lead", AT, "Plan a campaign against the cable", plan)],
        "anthropic": [call(2, "anthropic", "writer", AT + hour,
                           f"Write seven posts by this plan:\n{plan}", numbered(DRAFTS))],
        "mistral": [call(3, "mistral", "editor", AT + 2 * hour,
                         f"Make these angrier and shorter:\n{numbered(DRAFTS)}",
                         numbered([f"Unbelievable! {d[:-1]}, shame on them." for d in DRAFTS]))],
    }  # fmt: skip
    texts = [f"Unbelievable! {d[:-1]}, shame on them." for d in DRAFTS]
    posts = crowd(rng) + batch(texts, TAKERS, AT + 2 * hour)
    logs = {name: [*calls, *talk(rng, name)] for name, calls in logs.items()}
    out = folder / "out"
    assert hunt(*write(folder, posts, **logs), "--out", out, "--data", folder / "none") == 0
    return out


def test_a_text_is_followed_over_three_services_to_where_it_was_posted(chain):
    (campaign,) = campaigns(chain)
    (path,) = campaign["chains"]
    stops = [(stop["service"], stop["account"]) for stop in path["stops"]]
    assert stops == [("openai", "openai:lead"), ("anthropic", "anthropic:writer"),
                     ("mistral", "mistral:editor")]  # fmt: skip
    assert [stop["delay_seconds"] for stop in path["stops"]] == [None, 3600.0, 3600.0]
    assert {end["account"] for end in path["ends"]} == {f"{s}:{name}" for s, name in TAKERS}
    assert path["services"] == ["openai", "anthropic", "mistral", "x", "mastodon"]
    assert members(campaign) >= {"mistral:editor", *(f"{s}:{name}" for s, name in TAKERS)}


def test_the_report_shows_the_way_of_a_chain(chain):
    page = (chain / "report.html").read_text("utf-8")
    way = page[page.index('<span class="chip">chain</span>') :]
    places = [way.index(f"<b>{service}</b>") for service in ("openai", "anthropic", "mistral", "x")]
    assert places == sorted(places)
