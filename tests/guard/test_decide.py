from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from crossfix.accounts.standing import STATES, Standing
from crossfix.content.finding import Finding
from crossfix.errors import SettingError
from crossfix.guard import ANSWERS, Decision, Guard, Limit, Plan, Planned, Request, Ruling, headers
from crossfix.guard.codes import CODES
from crossfix.guard.prices import Price, Prices
from crossfix.guard.spend import Spend
from crossfix.policy import Facts
from crossfix.store.counters import LimitAnswers

NOW = 1_790_000_000.0
SMALL = Plan(
    limits=(
        Limit(scope="account", counted="requests", limit=3, period_seconds=30.0),
        Limit(scope="account", counted="tokens", limit=1000, period_seconds=60.0),
    ),
    tiers={},
)


def request(n: int = 0, **changes: Any) -> Request:
    fields: dict[str, Any] = {
        "id": f"r{n}", "service": "app", "account": "app:u1", "action": "prompt",
        "texts": ("Write a poem.",), "tokens": 10,
    }  # fmt: skip
    return Request(**(fields | changes))


def test_a_request_that_nothing_speaks_against_is_allowed() -> None:
    decision = Guard().decide(request(), NOW)
    assert (decision.answer, decision.reasons, decision.degraded) == ("allow", (), ())
    assert {limit.counted for limit in decision.limits} == {"requests", "tokens"}


@pytest.mark.parametrize(
    ("state", "answer"),
    [("active", "allow"), ("watched", "flag"), ("challenged", "challenge"),
     ("suspended", "block"), ("removed", "block")],
)  # fmt: skip
def test_what_enforcement_made_of_an_account_is_answered(state: Any, answer: str) -> None:
    guard = Guard()
    guard.standings.put(
        Standing(account="app:u1", first=1.0, state=state, state_until=NOW + 60, required="email",
                 state_reason="case 7"), NOW
    )  # fmt: skip
    decision = guard.decide(request(), NOW)
    assert decision.answer == answer
    assert decision.tier == ("email" if answer == "challenge" else None)
    if answer != "allow":
        assert decision.reasons[0].evidence == {"because": "case 7"}
        assert decision.lifts
    assert guard.decide(request(), NOW + 60).answer == "allow", "it ran out"


def test_a_limited_account_is_let_through_at_its_pace() -> None:
    guard = Guard()
    guard.standings.put(Standing(account="app:u1", first=1.0, state="limited"), NOW)
    answers = [guard.decide(request(n), NOW + n).answer for n in range(0, 121, 10)]
    assert answers.count("allow") == 3
    late = guard.decide(request(), NOW + 130)
    assert (late.answer, late.reasons[0].code) == ("throttle", "account_limited")
    assert late.retry_seconds == pytest.approx(50.0, abs=0.01)


def test_a_tier_that_is_high_enough_meets_no_challenge() -> None:
    guard = Guard()
    for tier, answer in (("email", "challenge"), ("code", "allow"), ("external", "allow")):
        guard.standings.put(
            Standing(account="app:u1", first=1.0, state="challenged", required="code", tier=tier),
            NOW,
        )
        assert guard.decide(request(), NOW).answer == answer


def test_a_challenge_of_a_policy_that_was_passed_only_flags() -> None:
    guard = Guard(
        rules=lambda facts: [Ruling(policy="p", answer="challenge", text="Verify.", tier="email")]
    )
    for tier, answer in (
        ("anonymous", "challenge"), ("proof_of_work", "challenge"), ("email", "flag"),
        ("code", "flag"),
    ):  # fmt: skip
        guard.standings.lift("app:u1", tier, NOW + 60, NOW)  # type: ignore[arg-type]
        decision = guard.decide(request(), NOW)
        assert (decision.answer, decision.tier) == (
            answer, "email" if answer == "challenge" else None
        )  # fmt: skip
        assert decision.reasons[0].policy == "p"
    assert guard.decide(request(), NOW + 60).answer == "challenge", "it ran out"


def test_a_throttle_says_when_to_come_back_and_then_lets_through() -> None:
    guard = Guard(plan=Planned(SMALL))
    for n in range(3):
        assert guard.decide(request(n), NOW).answer == "allow"
    decision = guard.decide(request(), NOW)
    assert (decision.answer, decision.reasons[0].code) == ("throttle", "rate_limit_requests")
    assert decision.retry_seconds == pytest.approx(10.0, abs=0.001)
    assert ("retry-after", "10") in headers(decision)
    assert guard.decide(request(), NOW + 9.9).answer == "throttle"
    assert guard.decide(request(), NOW + 10.001).answer == "allow"


def test_tokens_are_limited_beside_requests() -> None:
    guard = Guard(plan=Planned(SMALL))
    assert guard.decide(request(tokens=900), NOW).answer == "allow"
    decision = guard.decide(request(tokens=200), NOW)
    assert [r.code for r in decision.reasons] == ["rate_limit_tokens"]
    assert {x.counted: x.remaining for x in decision.limits} == {"requests": 2, "tokens": 100}


def test_the_strongest_answer_holds_and_all_reasons_are_given_strongest_first() -> None:
    def rules(facts: Facts) -> list[Ruling]:
        return [
            Ruling(policy="p1", answer="challenge", text="verify", tier="email"),
            Ruling(policy="p2", answer="block", text="no"),
            Ruling(policy="p3", answer="flag", text="hm"),
        ]

    decision = Guard(rules=rules).decide(request(), NOW)
    assert decision.answer == "block"
    assert [r.policy for r in decision.reasons] == ["p2", "p1", "p3"]
    assert (decision.tier, decision.retry_seconds) == (None, None)
    assert decision.lifts == CODES["policy"].lifts


def test_a_shadow_policy_changes_nothing_and_is_recorded() -> None:
    shadow = Ruling(policy="p1", answer="block", text="no", shadow=True)
    considered = Guard(rules=lambda facts: [shadow]).consider(request(), NOW)
    assert (considered.decision.answer, considered.decision.reasons) == ("allow", ())
    assert (considered.rulings, considered.shadow) == ((), (shadow,))


def test_policies_see_the_event_and_what_the_checks_found() -> None:
    seen: list[Facts] = []
    looked: list[tuple[str, str]] = []

    def look(text: str, direction: str) -> tuple[Finding, ...]:
        looked.append((text, direction))
        return (Finding(check="secret", name="aws", score=0.9),)

    def rules(facts: Facts) -> list[Ruling]:
        seen.append(facts)
        return []

    guard = Guard(look=look, rules=rules)
    guard.standings.put(Standing(account="app:u1", first=NOW - 864_000, tier="email"), NOW)
    asked = request(texts=("See https://a.example/x?y=1 and", "that"), model="m", key="k")
    decision = guard.decide(asked, NOW)
    assert looked == [("See https://a.example/x?y=1 and", "prompt"), ("that", "prompt")]
    assert (decision.answer, decision.reasons[0].code) == ("flag", "content_secret")
    (facts,) = seen
    assert (facts.time, facts.action, facts.tier, facts.age_days) == (NOW, "prompt", "email", 10.0)
    assert (facts.urls, facts.model, facts.key) == (("https://a.example/x?y=1",), "m", "k")
    assert [f.name for f in facts.findings] == ["aws", "aws"]
    guard.decide(request(action="completion"), NOW)
    assert looked[-1] == ("Write a poem.", "completion")


def test_what_is_refused_is_not_looked_at_any_further() -> None:
    def look(text: str, direction: str) -> Sequence[Finding]:
        raise AssertionError("looked")

    guard = Guard(look=look, fail={"content": "closed"})
    guard.standings.put(Standing(account="app:u1", first=1.0, state="suspended"), NOW)
    considered = guard.consider(request(), NOW)
    assert (considered.decision.answer, considered.facts) == ("block", None)


@pytest.mark.parametrize(("mode", "answer"), [("open", "allow"), ("closed", "block")])
@pytest.mark.parametrize("check", ["content", "policies", "limits"])
def test_a_check_that_cannot_be_made_is_named_and_fails_as_set(
    check: str, mode: Any, answer: str
) -> None:
    def broken(*given: object) -> Any:
        raise OSError("gone")

    guard = Guard(
        look=broken if check == "content" else None,
        rules=broken if check == "policies" else None,
        fail={check: mode},
    )
    limits = LimitAnswers((), degraded=check == "limits")
    decision = guard.decide(request(), NOW, limits)
    assert (decision.answer, decision.degraded) == (answer, (check,))
    assert [r.code for r in decision.reasons] == ["check_unavailable"][: mode == "closed"]


def test_a_completion_meets_no_limits() -> None:
    guard = Guard(plan=Planned(SMALL))
    for n in range(20):
        assert guard.decide(request(n, action="completion"), NOW).answer == "allow"
    assert guard.asks(request(action="completion"), NOW) == []


def test_answers_of_another_limiter_are_taken_instead_of_ones_own() -> None:
    guard = Guard(plan=Planned(SMALL))
    other = Guard(plan=Planned(SMALL))
    for n in range(5):
        asks = guard.asks(request(n), NOW)
        guard.decide(request(n), NOW, other.limiter.take(asks, NOW))
    assert guard.decide(request(), NOW).answer == "allow"
    assert other.decide(request(), NOW).answer == "throttle"


def test_a_call_that_is_over_is_charged_what_it_used_and_gives_its_lease_back() -> None:
    limits = (
        Limit(scope="account", counted="tokens", limit=1000, period_seconds=60.0),
        Limit(scope="account", counted="concurrent", limit=1, period_seconds=600.0),
    )
    spend = Spend(Prices({"m": Price(into=1.0, out=2.0)}))
    guard = Guard(plan=Planned(Plan(limits=limits, tiers={})), spend=spend)

    def decide(asked: Request) -> Decision:
        return guard.decide(asked, NOW, guard.limiter.take(guard.asks(asked, NOW), NOW))

    one, other = (request(n, model="m", tokens=500, account="app:a-tokens-b") for n in (1, 2))
    asks = guard.asks(one, NOW)
    assert decide(one).answer == "allow"
    assert [r.code for r in decide(other).reasons] == ["rate_limit_concurrent"]
    guard.settle(one, asks, NOW, tokens_in=100, tokens_out=50)
    decision = decide(other)
    assert decision.answer == "allow"
    assert [x.remaining for x in decision.limits] == [350]
    assert spend.spent("account", "app:a-tokens-b", "day", NOW) == pytest.approx(2e-4)
    guard.settle(other, guard.asks(other, NOW), NOW)
    assert decide(request(3, account="app:a-tokens-b")).answer == "allow"


def test_who_never_says_when_a_request_is_over_holds_nothing() -> None:
    limit = Limit(scope="account", counted="concurrent", limit=1, period_seconds=600.0)
    guard = Guard(plan=Planned(Plan(limits=(limit,), tiers={})))
    assert [guard.decide(request(n), NOW).answer for n in range(3)] == ["allow"] * 3


def test_one_classifier_alone_never_blocks() -> None:
    with pytest.raises(SettingError, match="classifier"):
        Guard(answers={"classifier": "block"})
    finding = Finding(check="classifier", name="x", score=1.0)
    guard = Guard(look=lambda text, direction: (finding,), answers={"classifier": "challenge"})
    decision = guard.decide(request(), NOW)
    assert (decision.answer, decision.reasons[0].code) == ("challenge", "content_classifier")


def test_every_state_and_answer_has_its_place() -> None:
    assert {c.answer for c in CODES.values()} == set(ANSWERS) - {"allow"}
    guard = Guard()
    for state in STATES:
        guard.standings.put(Standing(account="app:u1", first=1.0, state=state), NOW)
        guard.decide(request(), NOW)


def test_the_same_requests_give_the_same_decisions() -> None:
    def run() -> list[Any]:
        guard = Guard(plan=Planned(SMALL), seed=7)
        return [guard.decide(request(n), NOW + n / 3) for n in range(30)]

    assert run() == run()
    assert len({d.reference for d in run()}) == 30


@pytest.mark.parametrize(
    ("answer", "said"),
    [("challenge", "Pass the verification"), ("throttle", "Wait as long"), ("block", "Change the")],
)
def test_what_lifts_an_answer_of_a_policy_is_said(answer: Any, said: str) -> None:
    more: dict[str, Any] = {"retry_seconds": 5.0} if answer == "throttle" else {}
    ruling = Ruling(policy="p", answer=answer, text="No.", **more)
    decision = Guard(rules=lambda facts: [ruling]).decide(request(), NOW)
    assert (decision.answer, (decision.lifts or "").startswith(said)) == (answer, True)
    own = msgspec.structs.replace(ruling, lifts="Ask Ann.")
    assert Guard(rules=lambda facts: [own]).decide(request(), NOW).lifts == "Ask Ann."
