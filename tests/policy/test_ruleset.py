from collections.abc import Callable

from crossfix.policy import Facts, Memory, Policy, compile_policies

Make = Callable[..., Policy]


def prompt(time: float, text: str = "hello", account: str = "app:1", **more: object) -> Facts:
    return Facts(time=time, action="prompt", service="app", surface="ai", account=account,
                 text=text, **more)  # type: ignore[arg-type]  # fmt: skip


def test_an_event_is_counted_before_it_is_judged(policy: Make) -> None:
    rules = compile_policies([policy('count("prompt", within="10m") >= 2')])
    memory = Memory()
    assert rules.judge(prompt(0.0), memory) == []
    (hit,) = rules.judge(prompt(1.0), memory)
    assert hit.policy == "a-policy"
    assert hit.evidence == {"count('prompt', within='10m')": "2"}
    assert rules.judge(prompt(2.0, account="app:2"), memory) == []


def test_shadow_hits_are_marked_and_drafts_are_not_judged(policy: Make) -> None:
    made = [policy("words > 0", id=f"is-{s}", status=s) for s in ("draft", "shadow", "live")]
    hits = compile_policies(made).judge(prompt(0.0), Memory())
    assert [(h.policy, h.shadow) for h in hits] == [("is-live", False), ("is-shadow", True)]


def test_a_policy_looks_only_at_its_actions_surfaces_and_services(policy: Make) -> None:
    made = [
        policy("length >= 0", id="prompts"),
        policy("length >= 0", id="completions", when="completion"),
        policy("length >= 0", id="on-social", when="{surfaces: social}"),
        policy("length >= 0", id="in-app", when="{direction: in, services: [app, web]}"),
    ]
    hits = compile_policies(made).judge(prompt(0.0), Memory())
    assert [h.policy for h in hits] == ["in-app", "prompts"]


def test_what_is_remembered_stays_when_policies_are_read_again(policy: Make) -> None:
    memory = Memory()
    first = compile_policies([policy('count("prompt", within="1h") > 2')])
    assert not any(first.judge(prompt(float(n)), memory) for n in range(2))
    more = [policy('count("prompt", within="1h") > 2'), policy("length > 9", id="long-ones")]
    assert [h.policy for h in compile_policies(more).judge(prompt(2.0), memory)] == ["a-policy"]


def test_time_never_goes_back(policy: Make) -> None:
    rules = compile_policies([policy('count("prompt", within="10s") > 2')])
    memory = Memory()
    rules.judge(prompt(100.0), memory)
    rules.judge(prompt(50.0), memory)
    assert rules.judge(prompt(101.0), memory)
    assert memory.latest == 101.0


def test_no_word_of_a_policy_is_in_what_is_compiled(policy: Make) -> None:
    made = policy("contains('SECRET-WORD') or attribute('ip') == 'SECRET-WORD' or words > 12345")
    source = compile_policies([made]).source("prompt")
    assert "SECRET" not in source
    assert "12345" not in source
