"""What a user installs with crossfix binds them to no more than crossfix does."""

import re
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement

from crossfix.extras import EXTRAS

_COPYLEFT = re.compile(r"\b[AL]?GPL|General Public", re.IGNORECASE)


def licence(package: str) -> str:
    """Return what a package says its licence is, in the most exact place it says so."""
    metadata = distribution(package).metadata
    classifiers = [c for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    said = metadata.get("License-Expression") or ", ".join(classifiers)
    return said or metadata.get("License", "").partition("\n")[0]


def installed_with(extra: str) -> set[str]:
    """Return the packages that come with crossfix and an extra ("" for none)."""
    found: set[tuple[str, str]] = set()
    waiting = [("crossfix", extra)]
    while waiting:
        package, wanted = waiting.pop()
        if (package, wanted) in found:
            continue
        found.add((package, wanted))
        for line in distribution(package).requires or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": wanted}):
                waiting += [(needed.name.lower(), e) for e in {"", *needed.extras}]
    return {package for package, _ in found}


@pytest.mark.accept
def test_no_dependency_is_under_a_copyleft_licence() -> None:
    licences = {package: licence(package) for package in installed_with("")}
    assert len(licences) > 20
    assert all(licences.values())
    assert {p: said for p, said in licences.items() if _COPYLEFT.search(said)} == {}


@pytest.mark.accept
@pytest.mark.parametrize("extra", sorted(EXTRAS))
def test_only_the_postgresql_driver_is_under_the_lesser_licence(extra: str) -> None:
    more = installed_with(extra) - installed_with("")
    assert EXTRAS[extra][0] in {package.replace("-", "_") for package in more}
    found = {package: licence(package) for package in more}
    copyleft = {package: said for package, said in found.items() if _COPYLEFT.search(said)}
    assert set(copyleft) <= {"psycopg", "psycopg-binary"}
    assert all(said.startswith("LGPL") for said in copyleft.values())
