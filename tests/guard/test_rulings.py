from pathlib import Path
from typing import Any

import pytest

from crossfix.accounts.standing import Standing
from crossfix.guard import Guard, Request
from crossfix.guard.record import prompt_event
from crossfix.guard.rulings import rules_of, said
from crossfix.guard.wire import Ask
from crossfix.policy import STARTER, Memory, load_policies
from crossfix.policy.from_event import facts_of

NOW = 1_790_000_000.0
POLICY = """
title: T
id: {id}
status: {status}
text:
  en: Not here.
condition: {condition}
effects: {effects}
when: {{actions: [prompt]}}
"""


def request(n: int = 0, **changes: Any) -> Request:
    fields: dict[str, Any] = {"id": f"r{n}", "service": "app", "account": "app:u1",
                              "action": "prompt", "texts": ("A lure.",)}  # fmt: skip
    return Request(**(fields | changes))


@pytest.fixture
def guard(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(effects: str, condition: str = "contains('lure')", status: str = "live") -> Guard:
        path = tmp_path / "p.yaml"
        path.write_text(
            POLICY.format(id="p-one", status=status, condition=f'"{condition}"', effects=effects)
        )
        return Guard(rules=rules_of(load_policies([path])))

    return make


def test_a_policy_blocks_with_the_text_that_people_read(guard: Any) -> None:
    decision = guard("[block]").decide(request(), NOW)
    assert (decision.answer, decision.reasons[0].text) == ("block", "Not here.")
    assert decision.reasons[0].policy == "p-one"
    assert guard("[block]").decide(request(texts=("A poem.",)), NOW).answer == "allow"


def test_a_shadow_policy_is_seen_and_not_felt(guard: Any) -> None:
    made = guard("[block, {limit: 1d}]", status="shadow")
    considered = made.consider(request(), NOW)
    assert considered.decision.answer == "allow"
    assert [r.answer for r in considered.shadow] == ["block"]
    assert made.standings.get("app:u1", NOW).state == "active"


@pytest.mark.parametrize("text", ["A l\u200bure.", "A lur\u0435.", "A ｌｕｒｅ."])
def test_a_policy_sees_through_a_disguise_and_the_record_keeps_it(guard: Any, text: str) -> None:
    made = request(texts=(text,))
    considered = guard("[block]").consider(made, NOW)
    assert considered.decision.answer == "block"
    event = prompt_event(made, Ask(), considered, NOW)
    assert event.text == text
    assert facts_of(event).text == considered.facts.text


def test_an_answer_that_grows_is_counted_once_and_only_when_it_is_whole(guard: Any) -> None:
    made = guard("[block]", condition="count('prompt', within='1h') >= 2")
    part = request()
    assert [made.rehearse(part, NOW).answer for _ in range(5)] == ["allow"] * 5
    assert made.consider(part, NOW).decision.answer == "allow"
    assert made.rehearse(request(1), NOW).answer == "block"
    assert made.standings.get("app:u1", NOW).state == "active"
    assert made.consider(request(1), NOW).decision.answer == "block"


@pytest.mark.parametrize(
    ("effects", "status", "refuses"),
    [("[block]", "live", True), ("[{throttle: 3/h}]", "live", True), ("[flag]", "live", False),
     ("[{label: {name: x, for: 1d}}, notify]", "live", False), ("[block]", "shadow", False)],
)  # fmt: skip
def test_a_guard_knows_what_could_refuse(
    guard: Any, effects: str, status: str, refuses: bool
) -> None:
    made = guard(effects, status=status)
    assert made.refuses("prompt") is refuses
    assert not made.refuses("completion")
    assert not Guard().refuses("completion")
    assert Guard(fail={"content": "closed"}).refuses("completion")
    assert Guard(rules=lambda facts: []).refuses("completion")


def test_no_policy_of_the_starter_pack_makes_anybody_wait_for_a_stream() -> None:
    assert not Guard(rules=rules_of(load_policies([STARTER]))).refuses("completion")


def test_what_a_challenge_asked_for_ends_the_limit_beside_it_until_the_policy_holds_again(
    guard: Any,
) -> None:
    made = guard("[{challenge: code}, {limit: 1d}]")
    assert made.decide(request(), NOW).answer == "challenge"
    plain = {"texts": ("A poem.",)}
    answers = [made.decide(request(n, **plain), NOW + 1 + n).answer for n in range(3)]
    assert answers == ["allow", "throttle", "throttle"]
    made.standings.lift("app:u1", "email", None, NOW)
    assert made.decide(request(9, **plain), NOW + 5).answer == "throttle"
    made.standings.lift("app:u1", "code", None, NOW)
    assert [made.decide(request(n, **plain), NOW + 6).answer for n in range(3)] == ["allow"] * 3
    assert made.decide(request(20), NOW + 7).answer == "flag"  # it has the tier
    answers = [made.decide(request(n, **plain), NOW + 99 + n).answer for n in range(3)]
    assert answers == ["allow", "throttle", "throttle"]


def test_a_limit_without_a_challenge_is_ended_by_no_tier(guard: Any) -> None:
    made = guard("[flag, {limit: 1d}]")
    made.decide(request(), NOW)
    made.standings.lift("app:u1", "external", None, NOW)
    answers = [made.decide(request(n, texts=("A poem.",)), NOW + 1 + n).answer for n in range(2)]
    assert answers == ["allow", "throttle"]


def test_a_challenge_names_the_tier(guard: Any) -> None:
    decision = guard("[{challenge: code}]").decide(request(), NOW)
    assert (decision.answer, decision.tier) == ("challenge", "code")


def test_a_throttle_lets_through_at_its_rate(guard: Any) -> None:
    made = guard("[{throttle: 2/m}]")
    found = [made.decide(request(n), NOW) for n in range(4)]
    assert [d.answer for d in found] == ["flag", "flag", "throttle", "throttle"]
    assert found[-1].retry_seconds == pytest.approx(30, abs=0.01)
    assert made.decide(request(account="app:u2"), NOW).answer == "flag"
    assert made.decide(request(), NOW + 31).answer == "flag"


def test_a_limit_and_a_label_stay_with_the_account_and_are_to_be_kept(guard: Any) -> None:
    made = guard("[{limit: 1h}, {label: {name: lures, for: 2h}}]")
    assert made.decide(request(), NOW).answer == "flag"
    made.decide(request(texts=("A poem.",)), NOW + 1)
    decision = made.decide(request(texts=("A poem.",)), NOW + 2)
    assert [r.code for r in decision.reasons] == ["account_limited"]
    ((standing, ends),) = made.standings.changes()
    assert (standing.state, standing.state_until, standing.labels) == (
        "limited", NOW + 3600, ("lures",)
    )  # fmt: skip
    assert ends == {"lures": NOW + 7200}
    assert standing.state_reason == "policy p-one"
    assert made.standings.changes() == []
    assert made.standings.get("app:u1", NOW + 3601).labels == ("lures",)


def test_a_policy_never_softens_what_somebody_decided(guard: Any) -> None:
    made = guard("[{watch: 1h}]")
    made.standings.put(
        Standing(account="app:u1", first=1.0, state="challenged", required="email", tier="code"),
        NOW,
    )
    made.decide(request(), NOW)
    assert made.standings.get("app:u1", NOW).state == "challenged"


def test_policies_read_again_go_on_counting(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    condition = "\"count('prompt', within='10m') > 2\""
    path.write_text(POLICY.format(id="p-one", status="live", condition=condition, effects="[flag]"))
    memory = Memory()
    answers = []
    for n in range(4):
        guard = Guard(rules=rules_of(load_policies([path]), memory))
        answers.append(guard.decide(request(n), NOW + n).answer)
    assert answers == ["allow", "allow", "flag", "flag"]


def test_a_text_is_said_in_the_language_asked_for_or_another(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        POLICY.format(id="p-one", status="live", condition="\"contains('x')\"", effects="[flag]")
        .replace("en: Not here.", "de: Hier nicht.")
    )  # fmt: skip
    (policy,) = load_policies([path])
    assert said(policy, "de") == said(policy, "fr") == "Hier nicht."
