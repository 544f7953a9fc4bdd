import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime

from crossfix.events import Event
from crossfix.policy import Policy
from crossfix.policy.explain import explain

Make = Callable[..., Policy]


def decision(minute: int, account: str = "app:1", **attributes: str) -> Event:
    time = datetime(2026, 1, 5, 12, minute, tzinfo=UTC)
    return Event(id=f"{minute:032x}", time=time, received=time, service="app", surface="ai",
                 account=account, action="decision", attributes=attributes)  # fmt: skip


def test_a_reference_leads_to_the_policies_and_what_they_went_by(policy: Make) -> None:
    known = dataclasses.replace(
        policy("length > 0"), version=3, text={"en": "Be brief.", "fr": "Soyez bref."}
    )
    given = {"answer": "block", "reference": "R1", "reasons": "policy rate_limit_requests",
             "policies": "a-policy@2", "shadow": "gone@1",
             "evidence": '{"a-policy": {"length": "7"}, "gone": {}}'}  # fmt: skip
    others = [decision(1, answer="allow", reference="R0"), decision(3, "app:2", answer="flag")]
    (found,) = explain([*others, decision(2, **given)], [known], "R1", "fr")
    assert (found.reference, found.answer, found.codes) == ("R1", "block", ("rate_limit_requests",))
    first, second = found.policies
    assert (first.policy, first.version, first.now, first.text) == ("a-policy", 2, 3, "Soyez bref.")
    assert first.evidence == {"length": "7"}
    assert not first.shadow
    assert (second.policy, second.now, second.shadow) == ("gone", None, True)


def test_an_account_is_explained_newest_first_without_what_was_allowed(policy: Make) -> None:
    past = [decision(n, answer=answer, reference=f"R{n}")
            for n, answer in enumerate(("block", "allow", "flag"))]  # fmt: skip
    found = explain([*past, decision(5, "app:2", answer="block")], [policy("length > 0")], "app:1")
    assert [e.reference for e in found] == ["R2", "R0"]
    assert [e.reference for e in explain(past, [], "R1")] == ["R1"]


def test_attributes_written_by_others_are_read_as_far_as_they_go() -> None:
    given = {"answer": "block", "reference": "R", "policies": "bare-id other@x", "evidence": "[]"}
    (found,) = explain([decision(1, **given)], [], "R")
    assert [(w.policy, w.version, w.evidence) for w in found.policies] == [
        ("bare-id", None, {}), ("other", None, {}),
    ]  # fmt: skip
