from dataclasses import fields, replace

import pytest

from crossfix.errors import SettingError
from crossfix.scenarios.cases import CASES, Parameters, build
from crossfix.scenarios.cases.parameters import MEANINGS

SIZE = 300


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_the_same_each_time_and_another_with_another_seed(name: str) -> None:
    one, again, other = build(name, SIZE, 1), build(name, SIZE, 1), build(name, SIZE, 2)
    assert one == again
    texts = {e.text for e in one.events if e.text and len(e.text.split()) > 12}
    assert len(texts & {e.text for e in other.events}) < 0.01 * len(texts)


@pytest.mark.parametrize("name", CASES)
def test_the_truth_of_a_case_agrees_with_its_events(name: str) -> None:
    world = build(name, SIZE, 3)
    events = {event.id: event for event in world.events}
    assert len(events) == len(world.events)
    accounts = {account.account: account for account in world.accounts}
    assert len(accounts) == len(world.accounts)
    assert {event.account for event in world.events} <= set(accounts)
    groups = world.operations if CASES[name].is_operation else world.benign_groups
    assert groups
    assert bool(world.operations) == CASES[name].is_operation
    for step in world.steps:
        source, target = events[step.source], events[step.target]
        assert source.action == "completion"
        assert source.time < target.time
        assert (target.surface == "ai") == (step.into == "prompt")
        assert step.group in {"", accounts[target.account].group}
        if step.change == "verbatim":
            assert all(part in (source.text or "") for part in step.text.splitlines())
            assert all(part in (target.text or "") for part in step.text.splitlines())


@pytest.mark.parametrize("name", CASES)
def test_every_group_of_a_case_has_sightings_by_three_accounts(name: str) -> None:
    world = build(name, SIZE, 4)
    events = {event.id: event for event in world.events}
    by_group: dict[str, set[str]] = {}
    for step in world.steps:
        if step.into == "post":
            by_group.setdefault(step.group, set()).add(events[step.target].account)
    for group in {*world.operations, *world.benign_groups}:
        assert len(by_group[group]) >= 3


@pytest.mark.parametrize("name", ["scheduler", "translators"])
def test_who_has_several_accounts_has_them_on_different_services(name: str) -> None:
    world = build(name, SIZE, 6)
    services: dict[str, list[str]] = {}
    for account in world.accounts:
        if account.role == "client":
            services.setdefault(account.person, []).append(account.account.partition(":")[0])
    assert len(services) == 3
    assert all(sorted(of) == ["bluesky", "mastodon", "x"] for of in services.values())


def test_every_parameter_has_a_meaning() -> None:
    assert set(MEANINGS) == {field.name for field in fields(Parameters)}


def test_other_parameters_leave_the_people_around_a_group_as_they_are() -> None:
    plain = build("drafts", SIZE, 5)
    hidden = build("drafts", SIZE, 5, replace(plain.parameters, paraphrase=1.0, camouflage=0.8))
    people = [a.account for a in plain.accounts if not a.group]
    assert people == [a.account for a in hidden.accounts if not a.group]

    def prompts(world):
        return sorted(e.text for e in world.events if e.action == "prompt" and e.account in people)

    assert prompts(plain) == prompts(hidden)


@pytest.mark.parametrize(
    "wrong",
    [{"name": "nothing"}, {"name": "drafts", "size": 10}, {"name": "drafts", "seed": -1},
     {"name": "drafts", "days": 1}],
)  # fmt: skip
def test_a_case_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingError):
        build(**{"size": SIZE, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"accounts": 0}, {"edit_share": 1.5}, {"delay_seconds": 0}, {"camouflage": 1.0}],
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError):
        Parameters(**wrong)  # type: ignore[arg-type]
