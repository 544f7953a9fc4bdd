"""The generated parts of the documentation are what the code says."""

from collections.abc import Callable
from types import ModuleType

import pytest

from crossfix.accounts.profile import BEHAVIOURS
from crossfix.cli import VERBS
from crossfix.config import describe_settings
from crossfix.errors import CrossfixError
from crossfix.events.attributes import RESERVED
from crossfix.events.readers.columns import ATTRIBUTES, FIELDS
from crossfix.guard.codes import CODES
from crossfix.guard.limits import DEFAULT_PLAN
from crossfix.scenarios.registry import SCENARIOS
from crossfix.traces import CLUSTERERS, EXTRACTORS, LATER

Page = Callable[[str], str]
Cells = Callable[[str, str], list[str]]

PLACES = {
    "policy-fields": "docs/reference/policies.md",
    "policy-functions": "docs/reference/policies.md",
    "policy-names": "docs/reference/policies.md",
    "starter-pack": "docs/reference/policies.md",
    "leaks": "docs/reference/checks.md",
    "disguises": "docs/reference/checks.md",
    "lures": "docs/reference/checks.md",
    "categories": "docs/reference/checks.md",
    "commands": "docs/reference/commands.md",
    "settings": "docs/reference/settings.md",
    "errors": "docs/reference/errors.md",
    "kinds": "docs/reference/traces.md",
    "examples": "docs/reference/traces.md",
    "attributes": "docs/reference/events.md",
    "columns": "docs/reference/formats.md",
    "case-evasions": "docs/explanation/red-team.md",
    "evasions": "docs/explanation/red-team.md",
    "scenarios": "docs/how-to/generate-a-world.md",
    "published-cases": "docs/how-to/generate-a-world.md",
    "case-parameters": "docs/how-to/generate-a-world.md",
    "metrics": "docs/reference/monitoring.md",
    "alerts": "docs/reference/monitoring.md",
    "doctor": "docs/reference/monitoring.md",
    "reasons": "docs/reference/decisions.md",
    "limits": "docs/reference/decisions.md",
    "behaviours": "docs/reference/decisions.md",
}


@pytest.mark.parametrize("name", sorted(PLACES))
def test_a_generated_part_is_as_the_code_has_it(
    name: str, generator: ModuleType, page: Page
) -> None:
    text = page(PLACES[name])
    assert name in generator.parts_of(text)
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    written = text[text.index(begin) + len(begin) : text.index(end)].strip()
    assert written == generator.PARTS[name]().strip(), "run: python docs/generate.py"


def test_every_generated_part_is_on_one_page(generator: ModuleType) -> None:
    found = [
        (name, str(p.relative_to(generator.DOCS.parent)))
        for p in generator.pages()
        for name in generator.parts_of(p.read_text(encoding="utf-8"))
    ]
    assert sorted(found) == sorted(PLACES.items())
    assert set(generator.PARTS) == set(PLACES)


def test_every_command_has_a_heading_and_no_heading_lacks_a_command(page: Page) -> None:
    headings = [line[3:] for line in page(PLACES["commands"]).splitlines() if line[:3] == "## "]
    assert headings == sorted(VERBS)


def test_every_setting_and_no_other_is_documented(page: Page, first_cells: Cells) -> None:
    documented = first_cells(page(PLACES["settings"]), "<!-- begin: settings -->")
    assert documented == [s.name for s in describe_settings()]


def test_every_error_and_no_other_is_documented(page: Page, first_cells: Cells) -> None:
    def tree(error: type[CrossfixError]) -> set[str]:
        # Others stay inside a room, and are here or not by what was imported before.
        ours = [e for e in error.__subclasses__() if e.__module__ == "crossfix.errors"]
        return {error.__name__}.union(*map(tree, ours))

    documented = first_cells(page(PLACES["errors"]), "<!-- begin: errors -->")
    assert set(documented) == tree(CrossfixError)
    assert len(documented) == len(set(documented))


def test_every_reason_limit_and_behaviour_is_documented(page: Page, first_cells: Cells) -> None:
    text = page(PLACES["reasons"])
    assert first_cells(text, "<!-- begin: reasons -->") == list(CODES)
    assert first_cells(text, "<!-- begin: limits -->") == [x.name for x in DEFAULT_PLAN.limits]
    assert first_cells(text, "<!-- begin: behaviours -->") == list(BEHAVIOURS)


def test_every_kind_of_trace_and_no_other_is_documented(page: Page, first_cells: Cells) -> None:
    documented = first_cells(page(PLACES["kinds"]), "<!-- begin: kinds -->")
    assert documented == [*EXTRACTORS, *CLUSTERERS, *LATER]
    shown = first_cells(page(PLACES["examples"]), "<!-- begin: examples -->")
    assert shown == list(EXTRACTORS)


def test_every_attribute_field_and_scenario_is_documented(page: Page, first_cells: Cells) -> None:
    assert first_cells(page(PLACES["attributes"]), "<!-- begin: attributes -->") == list(RESERVED)
    fields = [*FIELDS, *(f"attributes.{name}" for name in ATTRIBUTES)]
    assert first_cells(page(PLACES["columns"]), "<!-- begin: columns -->") == fields
    worlds = first_cells(page(PLACES["scenarios"]), "<!-- begin: scenarios -->")
    assert worlds == list(SCENARIOS)
