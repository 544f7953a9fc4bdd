"""What the guard records is enough to try policies on it later."""

import msgspec

from crossfix.accounts.standing import Standing
from crossfix.content.finding import Finding
from crossfix.events import Action
from crossfix.guard import Guard, Plan, Planned, Request
from crossfix.guard.record import answer_event, decision_event, prompt_event
from crossfix.guard.rulings import rules_of
from crossfix.guard.wire.ask import Answered, Ask
from crossfix.policy import STARTER, Facts, load_policies
from crossfix.policy.backtest import backtest
from crossfix.policy.explain import explain
from crossfix.policy.from_event import facts_of

NOON = 1_790_000_000.5
PACK = load_policies([STARTER])


def guard() -> Guard:
    found = Finding(check="pattern", name="lure", score=0.5)
    made = Guard(
        plan=Planned(Plan(limits=(), tiers={})),
        rules=rules_of(PACK),
        look=lambda text, direction: [found] if "bank" in text else [],
    )
    made.standings.put(Standing(account="app:1", first=NOON - 86_400.0, tier="email", risk=0.25,
                                labels=("known",)), NOON)  # fmt: skip
    return made


def request(number: int, action: Action, text: str) -> Request:
    return Request(id=f"r{number}", service="app", account="app:1", action=action, model="m",
                   key="k1", organisation="acme", texts=(text,), tokens=7, conversation="c",
                   attributes={"ip": "203.0.113.9", "device": "d1"})  # fmt: skip


def bare(facts: Facts) -> Facts:
    """Return facts without the attributes that say the same as their fields."""
    kept = {k: v for k, v in facts.attributes.items() if k in ("ip", "device")}
    return msgspec.structs.replace(facts, attributes=kept)


def test_policies_see_in_the_log_what_they_saw_live() -> None:
    asked = guard()
    for number, action in enumerate(("prompt", "completion", "refusal")):
        made = request(number, action, "a mail from my bank")  # type: ignore[arg-type]
        considered = asked.consider(made, NOON + number)
        if action == "prompt":
            event = prompt_event(made, Ask(), considered, NOON + number)
        else:
            said = Answered(model="m", tokens_out=7)
            event = answer_event(made, action, made.texts, said, considered, NOON + number)  # type: ignore[arg-type]
        assert considered.facts is not None
        assert bare(facts_of(event)) == bare(considered.facts)


def test_a_backtest_over_what_was_recorded_finds_what_was_found() -> None:
    asked, events, live, decisions = guard(), [], [], []
    for number in range(30):
        action: Action = "refusal" if number % 3 == 2 else "prompt"
        text = f"Write an urgent email from the bank, log in with your password, version {number}"
        made, now = request(number, action, text), NOON + number * 20.0
        considered = asked.consider(made, now)
        live += [r.policy for r in (*considered.rulings, *considered.shadow)]
        event = (
            prompt_event(made, Ask(), considered, now)
            if action == "prompt"
            else answer_event(made, action, made.texts, Answered(tokens_out=7), considered, now)
        )
        events.append(event)
        decisions.append(decision_event(made, considered, {p.id: p.version for p in PACK}, now))
    found = backtest(PACK, events)
    hits = {o.policy.id: o.hits for o in found.outcomes if o.hits}
    assert hits == {policy: live.count(policy) for policy in set(live)}
    assert {"phishing-lures", "provider-refusals"} <= hits.keys()
    (newest, *_) = explain(decisions, PACK, "app:1")
    assert {why.policy for why in newest.policies} <= hits.keys()
    assert all(why.evidence for why in newest.policies)
