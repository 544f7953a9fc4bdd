"""The pages about policies say what is in the code, and their example works."""

import re
from collections.abc import Callable
from typing import get_args

from crossfix.policy.check import KEYS, NEEDED, check_policy
from crossfix.policy.policy import EffectKind
from crossfix.policy.series import DISTINCT_AT_MOST, ENTRIES, INTERVALS, TEXTS
from crossfix.policy.trial import try_policy
from crossfix.policy.vocabulary import FIELDS, FUNCTIONS

Page = Callable[[str], str]
Cells = Callable[[str, str], list[str]]
REFERENCE = "docs/reference/policies.md"


def test_every_key_is_documented_and_said_to_be_needed_if_it_is(
    page: Page, first_cells: Cells
) -> None:
    text = page(REFERENCE)
    documented = first_cells(text, "## Keys")
    assert sorted(documented) == sorted(KEYS)
    needed = re.findall(r"^\| `(\w+)` \| yes \|", text, re.M)
    assert sorted(needed) == sorted(NEEDED)


def test_every_word_of_conditions_is_documented(page: Page, first_cells: Cells) -> None:
    text = page(REFERENCE)
    assert first_cells(text, "<!-- begin: policy-fields -->") == list(FIELDS)
    assert sorted(first_cells(text, "<!-- begin: policy-functions -->")) == sorted(FUNCTIONS)


def test_every_effect_is_documented(page: Page, first_cells: Cells) -> None:
    cells = re.findall(r"^\| `(\w+)[^|]*` \|", page(REFERENCE).split("## Effects")[1], re.M)
    assert [c for c in cells if c in get_args(EffectKind)] == list(get_args(EffectKind))


def test_the_bounds_that_the_page_names_are_those_of_the_code(page: Page) -> None:
    text = " ".join(page(REFERENCE).split())
    assert f"exact up to {ENTRIES} events" in text
    assert f"counts to {DISTINCT_AT_MOST:,}" in text
    assert f"last {INTERVALS} intervals" in text
    assert f"last {TEXTS} texts" in text


def test_the_example_of_the_how_to_has_no_mistake_and_passes_its_tests(page: Page) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", page("docs/how-to/write-a-policy.md"), re.S)
    policy, mistakes = check_policy("shop-reviews.yaml", example.encode())
    assert policy is not None, "\n".join(map(str, mistakes))
    trials = try_policy(policy)
    assert len(trials) == 2
    assert all(trial.passed for trial in trials), trials
