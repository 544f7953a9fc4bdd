import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy.conditions import conditions, events
from tests.policy.twin import Twin

from crossfix.policy import Facts, Memory, Policy, compile_policies
from crossfix.policy.check import check_policy


def made(texts: list[str]) -> list[Policy]:
    policies = []
    for n, text in enumerate(texts):
        when = ("prompt", "[prompt, refusal]", "{direction: out}", "any")[n % 4]
        data = f"title: t\nid: policy-{n}\nstatus: {('live', 'shadow')[n % 2]}\nwhen: {when}\n"
        data += f"effects: {{watch: 1h}}\ncondition: |\n  {text}\n"
        policy, mistakes = check_policy("p.yaml", data.encode())
        assert policy is not None, "\n".join(map(str, mistakes))
        policies.append(policy)
    return policies


@settings(max_examples=300)
@given(st.lists(conditions(), min_size=1, max_size=6), events())
def test_compiled_policies_say_what_the_slow_interpreter_says(
    texts: list[str], past: list[Facts]
) -> None:
    policies = made(texts)
    rules, memory, twin = compile_policies(policies), Memory(), Twin(policies)
    for facts in past:
        said = [(hit.policy, hit.evidence) for hit in rules.judge(facts, memory)]
        assert said == twin.judge(facts)


@settings(max_examples=50)
@given(st.lists(conditions(), min_size=1, max_size=4), events(), st.integers(0, 40))
def test_reading_policies_again_in_between_changes_nothing(
    texts: list[str], past: list[Facts], cut: int
) -> None:
    policies = made(texts)
    memory, twin = Memory(), Twin(policies)
    first, second = compile_policies(policies), compile_policies(reversed(policies))
    for n, facts in enumerate(past):
        hits = (first if n < cut else second).judge(facts, memory)
        assert [(hit.policy, hit.evidence) for hit in hits] == twin.judge(facts)


@settings(max_examples=200)
@given(st.lists(conditions(), min_size=1, max_size=4), events())
def test_a_rehearsal_says_what_the_judgement_will_say_and_leaves_nothing_behind(
    texts: list[str], past: list[Facts]
) -> None:
    policies = made(texts)
    rules, memory, twin = compile_policies(policies), Memory(), Twin(policies)
    for facts in past:
        rehearsed = [rules.rehearse(facts, memory) for _ in range(2)]
        judged = rules.judge(facts, memory)
        assert rehearsed == [judged, judged]
        assert [(hit.policy, hit.evidence) for hit in judged] == twin.judge(facts)


@pytest.mark.parametrize("seconds", [5, 60])
def test_a_window_has_its_start_outside_and_its_end_inside(seconds: int) -> None:
    (policy,) = made([f'count("prompt", within="{seconds}s") == 1'])
    rules, memory = compile_policies([policy]), Memory()

    def judged(time: float) -> bool:
        facts = Facts(time=time, action="prompt", service="app", surface="ai", account="app:1")
        return bool(rules.judge(facts, memory))

    assert judged(0.0)
    assert not judged(seconds - 0.5)
    assert judged(2 * seconds - 0.5)
