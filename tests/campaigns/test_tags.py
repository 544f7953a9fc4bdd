import json
import re

import pyarrow.parquet as pq
import pytest

from crossfix.campaigns.tags import KILL_CHAIN, TECHNIQUES, implied

FAMILIES = {"repost": "repost", "text": "text", "url": "link", "ip": "infrastructure"}


def ids(tags):
    return {(t.framework, t.id) for t in tags}


def test_each_tag_says_what_in_the_evidence_implies_it():
    tags = implied({"text": 12, "url": 1, "ip": 3}, FAMILIES, ["x"], {})
    assert ids(tags) == {
        ("DISARM", "T0084.001"), ("DISARM", "T0149"), ("kill-chain", "0"), ("kill-chain", "6"),
    }  # fmt: skip
    assert all(re.search(r"\d+ shared keys", t.because) for t in tags)


def test_services_and_parts_imply_tags_of_their_own():
    tags = implied({"repost": 5}, FAMILIES, ["fb", "x"], {"automation": 0.8, "newness": 0.5})
    assert ids(tags) >= {
        ("DISARM", "T0119.002"), ("DISARM", "T0049.003"), ("DISARM", "T0146.007"),
        ("DISARM", "T0150.001"), ("DISARM", "T0118"),
    }  # fmt: skip


def test_reasons_for_one_tag_are_joined_and_kinds_of_one_family_are_one_signal():
    near = {**FAMILIES, "near": "text"}
    tags = implied({"text": 2, "near": 3, "url": 2}, near, ["x"], {})
    (phase,) = (t for t in tags if t.framework == "kill-chain")
    assert "members posted the same text (3 shared keys); " in phase.because
    assert ("DISARM", "T0084.001") in ids(tags)
    assert implied({"text": 1, "near": 1}, near, ["x"], {}) == ()


@pytest.mark.parametrize("kinds", [{}, {"text": 1}, {"unheard-of": 90}])
def test_nothing_is_implied_by_nothing(kinds):
    assert implied(kinds, FAMILIES, ["x"], {"automation": 0.2}) == ()


def test_every_disarm_id_and_name_stands_in_the_published_bundle(data_dir):
    bundle = json.loads((data_dir / "taxonomies_and_reference/disarm/DISARM.json").read_text())
    published = {
        reference["external_id"]: thing["name"].strip()
        for thing in bundle["objects"]
        if thing["type"] == "attack-pattern"
        for reference in thing["external_references"]
        if "external_id" in reference
    }
    assert {tag: published.get(tag) for tag in TECHNIQUES} == TECHNIQUES


def test_every_phase_that_meta_publishes_has_our_number_and_name(data_dir):
    table = pq.read_table(
        data_dir / "indicators/meta_threat_research_2020_2023.parquet", columns=["tactic"]
    )
    phases = {}
    for said in filter(None, table["tactic"].unique().to_pylist()):
        number, name = re.fullmatch(r"(\d)\.? (.+)", said).groups()
        phases.setdefault(number, set()).add(name.lower())
    assert len(phases) >= 8
    for number, names in phases.items():
        assert KILL_CHAIN[number].lower() in names
