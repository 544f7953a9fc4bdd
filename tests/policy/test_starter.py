import json
import re
from pathlib import Path

import pytest
import yaml

from crossfix.campaigns.tags import KILL_CHAIN
from crossfix.policy import STARTER, Facts, Memory, Policy, compile_policies, load_policies
from crossfix.policy.page import LANGUAGES
from crossfix.policy.trial import START, try_policy

PACK = load_policies([STARTER])
TAXONOMIES = "taxonomies_and_reference"


@pytest.mark.parametrize("policy", PACK, ids=lambda p: p.id)
def test_every_policy_of_the_starter_pack_passes_its_own_tests(policy: Policy) -> None:
    trials = try_policy(policy)
    assert {case.expect for case in policy.tests} == {True, False}
    assert [t.failures for t in trials] == [()] * len(trials)


@pytest.mark.parametrize("policy", PACK, ids=lambda p: p.id)
def test_every_policy_of_the_starter_pack_is_complete(policy: Policy) -> None:
    assert Path(policy.path).stem == policy.id
    assert policy.text.keys() == set(LANGUAGES)
    assert len({" ".join(text.split()) for text in policy.text.values()}) == len(LANGUAGES)
    assert policy.falsepositives
    assert policy.description
    assert policy.date
    frameworks = {tag.partition(".")[0] for tag in policy.tags}
    assert "killchain" in frameworks
    assert frameworks & {"disarm", "atlas"}
    assert not any(effect.kind == "block" for effect in policy.effects)


@pytest.mark.parametrize("policy", PACK, ids=lambda p: p.id)
def test_an_abuser_is_met_within_fifty_requests(policy: Policy) -> None:
    if policy.when.actions == {"refusal"}:
        assert min(t.first for t in try_policy(policy) if t.first) <= 50
        return
    firsts = [t.first for t in try_policy(policy) if t.first is not None]
    assert max(firsts) <= 50


def test_all_kinds_of_abuse_of_the_mission_are_covered() -> None:
    assert {p.id for p in PACK} >= {
        "persona-mass-production", "political-voices", "phishing-lures", "official-impersonation",
        "romance-scams", "task-scams", "translation-farms", "scripted-signups", "key-sharing",
        "key-resale", "jailbreak-bursts", "provider-refusals", "known-campaigns",
    }  # fmt: skip


def tags(namespace: str) -> set[str]:
    return {t.partition(".")[2] for p in PACK for t in p.tags if t.startswith(f"{namespace}.")}


def test_every_kill_chain_phase_exists() -> None:
    assert tags("killchain") <= KILL_CHAIN.keys()


@pytest.mark.realdata
def test_every_disarm_technique_exists(data_dir: Path) -> None:
    bundle = json.loads((data_dir / TAXONOMIES / "disarm" / "DISARM.json").read_text("utf-8"))
    known = {
        reference.get("external_id")
        for one in bundle["objects"]
        if one["type"] == "attack-pattern"
        for reference in one.get("external_references", [])
    }
    assert tags("disarm")
    assert tags("disarm") <= known


@pytest.mark.realdata
def test_every_atlas_technique_exists(data_dir: Path) -> None:
    text = (data_dir / TAXONOMIES / "atlas" / "ATLAS.yaml").read_text("utf-8")
    known = set(re.findall(r"^ *(?:- )?id: (AML\.T[0-9.]+)$", text, re.M))
    assert tags("atlas")
    assert tags("atlas") <= known


@pytest.mark.realdata
def test_every_attack_technique_exists(data_dir: Path) -> None:
    path = data_dir / TAXONOMIES / "mitre_attack" / "clusters_mitre-attack-pattern.json"
    known = {v["meta"]["external_id"] for v in json.loads(path.read_text("utf-8"))["values"]}
    assert tags("attack") <= known


@pytest.mark.realdata
def test_people_who_ask_ordinary_things_all_day_meet_nothing(data_dir: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(data_dir / "prompts" / "prompts.parquet").to_pylist()
    benign = [row["text"] for row in rows if row["label"] == "benign" and row["text"]]
    assert len(benign) > 10_000
    rules, memory = compile_policies(PACK), Memory()
    met = []
    for n, text in enumerate(benign):
        # 60 prompts a day for each of many people, half a minute apart.
        facts = Facts(time=START + n * 30.0, action="prompt", service="app", surface="ai",
                      account=f"app:{n // 60}", text=text)  # fmt: skip
        met += [hit.policy for hit in rules.judge(facts, memory) if not hit.shadow]
    assert met == []


@pytest.mark.realdata
def test_people_who_have_their_mail_answered_meet_nothing(data_dir: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(data_dir / "phishing" / "emails.parquet").to_pylist()
    mails = [row["text"] for row in rows if row["label"] == "ham" and row["text"]]
    assert len(mails) > 1_500
    rules, memory = compile_policies(PACK), Memory()
    met = []
    for n, text in enumerate(mails):
        # A hundred mails a day for each of many people, a minute apart.
        facts = Facts(time=START + n * 60.0, action="prompt", service="app", surface="ai",
                      account=f"app:{n // 100}",
                      text=f"Write a polite reply to this email:\n{text}")  # fmt: skip
        met += [hit.policy for hit in rules.judge(facts, memory) if not hit.shadow]
    assert met == []


def test_the_texts_are_no_yaml_that_reads_otherwise_elsewhere() -> None:
    for path in STARTER.glob("*.yaml"):
        plain = yaml.safe_load(path.read_text("utf-8"))
        (policy,) = [p for p in PACK if p.id == plain["id"]]
        assert policy.title == plain["title"]
        assert policy.tags == tuple(plain["tags"])
