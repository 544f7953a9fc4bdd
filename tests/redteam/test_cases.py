from pathlib import Path

import pytest

from crossfix.redteam.cases import (
    CASE_EVASIONS,
    CASE_NAIVE,
    CASE_NAMES,
    PLAYED,
    CaseArena,
    parameters,
    unlogged,
)
from crossfix.redteam.evasion import alone, together
from crossfix.scenarios.cases import build

ARENA = CaseArena(200)


def test_every_evasion_costs_reach_and_no_level_brings_some_back() -> None:
    assert ARENA.reach(CASE_NAIVE) == 1
    for name in CASE_EVASIONS:
        kept = [ARENA.reach(alone(name, step / 4, CASE_NAIVE)) for step in range(5)]
        assert kept == sorted(kept, reverse=True), name
        assert kept[-1] < 1, name


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("case", PLAYED)
def test_every_level_is_one_that_a_case_can_be_made_with(case: str, level: float) -> None:
    made = parameters(case, together(level, CASE_NAIVE))
    assert build(case, 200, 3, made).operations


@pytest.mark.parametrize("name", [n for n in CASE_NAMES if n != "unlogged"])
def test_every_evasion_sets_a_parameter(name: str) -> None:
    assert parameters("drafts", alone(name, 1.0, CASE_NAIVE)) != parameters("drafts", CASE_NAIVE)


def test_what_is_not_logged_is_the_operation_s_calls_alone() -> None:
    world = build("drafts", 300, 5)
    ours = {a.account for a in world.accounts if a.is_operation}

    def calls(share: float, own: bool) -> int:
        left = unlogged(world, share).events
        return sum(e.action in ("prompt", "completion") and (e.account in ours) == own
                   for e in left)  # fmt: skip

    assert unlogged(world, 0.0) == world
    assert calls(1.0, own=True) == 0 < calls(0.5, own=True) < calls(0.0, own=True)
    assert calls(1.0, own=False) == calls(0.0, own=False)
    prompts = {e.id for e in unlogged(world, 0.5).events if e.action == "prompt"}
    answers = {e.parent for e in unlogged(world, 0.5).events if e.action == "completion"}
    assert prompts == answers


def test_each_operation_has_a_world_of_its_own_and_nobody_is_told_the_truth(
    tmp_path: Path,
) -> None:
    playbooks = [CASE_NAIVE, together(0.5, CASE_NAIVE)]
    fields = list(ARENA.fields(playbooks, 4, 0, tmp_path))
    assert [f.playbooks for f in fields] == [(p,) for p in playbooks]
    for field in fields:
        (own,) = field.crews
        assert own
        assert not own & field.people
        assert field.files
        assert not {"labels.csv", "chains.csv", "world.json"} & {p.name for p in field.files}
