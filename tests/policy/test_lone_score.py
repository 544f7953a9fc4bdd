from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from tests.policy.conditions import conditions

from crossfix.content.finding import Finding
from crossfix.errors import InputError
from crossfix.policy import Facts, Memory, Policy, compile_policies
from crossfix.policy.lone_score import holds_by_score
from crossfix.policy.mistake import Mistake
from crossfix.policy.policy import Effect

ALONE = [
    'found("classifier")',
    'found("classifier", "fraud")',
    'score("fraud", check="classifier") > 0.9',
    'score("fraud") > 0.9',
    '0.9 < score("fraud")',
    'not score("fraud") < 0.9',
    'found("classifier") and tier == "anonymous" and words > 3 and age_days < 1',
    'contains("x") or found("classifier")',
    'found("classifier") and not contains("x")',
    'found("classifier") and not (contains("x") and contains("y"))',
    'not (not found("classifier") or contains("x"))',
    'count("prompt", within="1h", where=found("classifier")) >= 1',
    'count("prompt", within="1h") >= 1 and found("classifier")',
    'rate("prompt", within="1m", where=found("classifier")) >= 1',
    'sum("tokens", within="1h", where=found("classifier")) > 100',
]
BESIDE = [
    'found("pattern")',
    'found("classifier") and contains("x")',
    '(found("classifier") or found("pattern")) and risk > 0.5',
    'found("classifier") and count("prompt", within="1h") > 20',
    'count("prompt", within="1h", where=found("classifier")) >= 3',
    'rate("prompt", within="1m", where=found("classifier")) > 5',
    'score("fraud", check="classifier") < 0.2 and contains("x")',
    'not found("classifier")',
    'score("x", check="pattern") > 0.5',
    'found("classifier") and "bad" in labels',
    'found("classifier") and state == "watched"',
]


@pytest.mark.parametrize("condition", ALONE)
def test_one_classifier_alone_never_blocks_throttles_or_limits(
    condition: str, mistakes: Callable[..., list[Mistake]], policy: Callable[..., Policy]
) -> None:
    for effect in ("block", "throttle: 1/m", "limit: 1h"):
        (wrong,) = mistakes(condition, effects=f"[{effect}]")
        assert "could follow from a classifier's score alone" in wrong.message
        assert wrong.source.strip() == f"effects: [{effect}]"
        assert "^" in str(wrong)
    for effect in ("flag", "challenge: email", "watch: 1h"):
        assert policy(condition, effects=f"[{effect}]")


@pytest.mark.parametrize("condition", BESIDE)
def test_with_another_sign_beside_it_a_score_may_count(
    condition: str, policy: Callable[..., Policy]
) -> None:
    assert policy(condition, effects="block")


def test_named_conditions_are_seen_through(mistakes: Callable[..., list[Mistake]]) -> None:
    assert mistakes("rated", let='{rated: found("classifier")}', effects="block")


def test_what_was_never_checked_is_refused_when_it_is_compiled(
    policy: Callable[..., Policy],
) -> None:
    made = replace(policy(ALONE[0]), effects=(Effect(kind="block"),))
    with pytest.raises(InputError, match="a-policy, block could follow"):
        compile_policies([made])
    assert compile_policies([replace(made, status="draft")]).policies == ()


@settings(deadline=None, max_examples=400)
@given(condition=conditions())
def test_what_a_score_in_one_event_brings_about_is_always_noticed(
    policy: Callable[..., Policy], condition: str
) -> None:
    made = policy(condition)
    rules = compile_policies([made])

    def hits(*found: Finding) -> bool:
        facts = Facts(
            time=1e9, action="prompt", service="app", account="app:a", surface="ai",
            text="", findings=found,
        )  # fmt: skip
        return bool(rules.judge(facts, Memory()))

    rated = Finding(check="classifier", name="hate", score=0.9)
    if hits(rated) and not hits():
        assert holds_by_score(made.expression)
