from hypothesis import given, settings
from hypothesis import strategies as st

from crossfix.redteam.adversary import Adversary
from crossfix.redteam.evasion import NAIVE, NAMES, STEPS, Playbook


def played(seed: int, rounds: int, wanted: str) -> Adversary:
    """An adversary in a world where nothing but one evasion delivers."""
    adversary = Adversary(seed)
    for _ in range(rounds):
        for playbook in adversary.playbooks(3):
            adversary.learn(playbook, playbook[wanted])
    return adversary


def test_it_begins_with_what_evades_nothing() -> None:
    assert Adversary(1).best == NAIVE
    assert Adversary(1).playbooks(3) == [NAIVE] * 3


@given(st.integers(0, 1000), st.sampled_from(NAMES))
@settings(max_examples=20)
def test_it_finds_the_one_evasion_that_helps(seed: int, wanted: str) -> None:
    assert played(seed, 60, wanted).best[wanted] >= 0.5


def test_levels_are_steps_and_nothing_is_tried_anew_as_new() -> None:
    adversary = Adversary(7)
    tried: list[Playbook] = []
    for number in range(30):
        best, *children = adversary.playbooks(4)
        assert best == adversary.best or not number
        for child in children if number else ():
            assert child not in tried
            assert all(level * STEPS == int(level * STEPS) for level in child.levels)
        tried += [best, *children]
        for at, playbook in enumerate([best, *children]):
            adversary.learn(playbook, 0.1 * at)


def test_one_lucky_world_does_not_beat_a_steady_playbook() -> None:
    adversary = Adversary(1)
    steady, lucky = NAIVE.having({"delay": 0.5}), NAIVE.having({"cells": 0.5})
    adversary.learn(lucky, 0.8)
    for _ in range(6):
        adversary.learn(steady, 0.7)
    assert adversary.best == steady
