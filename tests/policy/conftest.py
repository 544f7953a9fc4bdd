"""Policies written in a line, for tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crossfix.policy import Policy
from crossfix.policy.check import check_policy
from crossfix.policy.mistake import Mistake

Write = Callable[..., bytes]


@pytest.fixture(scope="session")
def written() -> Write:
    """A policy's file from its condition; other keys by name, each as YAML text."""

    def write(condition: str, **keys: str) -> bytes:
        known = {"title": "A policy", "id": "a-policy", "status": "live", "when": "prompt",
                 "effects": "flag"} | keys  # fmt: skip
        lines = [f"{name}: {value}" for name, value in known.items()]
        return "\n".join([*lines, "condition: |", f"  {condition}", ""]).encode()

    return write


@pytest.fixture(scope="session")
def policy(written: Write) -> Callable[..., Policy]:
    """A policy that has no mistakes, from its condition."""

    def make(condition: str, **keys: str) -> Policy:
        found, mistakes = check_policy("a.yaml", written(condition, **keys))
        assert found is not None, "\n".join(map(str, mistakes))
        return found

    return make


@pytest.fixture(scope="session")
def mistakes(written: Write) -> Callable[..., list[Mistake]]:
    """The mistakes of a policy, from its condition."""

    def find(condition: str, **keys: str) -> list[Mistake]:
        found, wrong = check_policy("a.yaml", written(condition, **keys))
        assert (found is None) == bool(wrong)
        return wrong

    return find


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for policies."""
    (tmp_path / "policies").mkdir()
    return tmp_path / "policies"
