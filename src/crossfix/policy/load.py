"""Policies from files and folders; the starter pack is a folder in the package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crossfix.errors import InputError
from crossfix.policy.check import check_policy
from crossfix.policy.document import LARGEST_BYTES
from crossfix.policy.mistake import Mistake, raise_mistakes
from crossfix.policy.policy import Policy

STARTER = Path(__file__).parent / "starter"
"""The policies that hold where no others are given."""

MOST_FILES = 2_000


def policy_files(paths: Iterable[Path | str]) -> list[Path]:
    """Return the policy files that paths stand for: a file, or a folder's ``*.yaml``, in order.

    Raises:
        InputError: a path is not there, or a folder holds no policy.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml"))
            if not inside:
                raise InputError("There is no policy (*.yaml) in this folder.", path=str(path))
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise InputError("There is no such file or folder.", path=str(path))
    if len(found) > MOST_FILES:
        raise InputError(f"These are {len(found):,} files; {MOST_FILES:,} are read at most.")
    return list(dict.fromkeys(found))


def load_policies(paths: Iterable[Path | str]) -> list[Policy]:
    """Return the policies of files and folders, in order of id.

    Raises:
        PolicyError: with every mistake of every file, each with its line and a caret.
        InputError: a path is not there.
    """
    policies, mistakes = read_policies(policy_files(paths))
    raise_mistakes(mistakes)
    return policies


def read_policies(files: Iterable[Path]) -> tuple[list[Policy], list[Mistake]]:
    """Return the policies that are right, in order of id, and every mistake of the others."""
    policies: dict[str, Policy] = {}
    mistakes: list[Mistake] = []
    for file in files:
        try:
            with file.open("rb") as opened:
                data = opened.read(LARGEST_BYTES + 1)
        except OSError as e:
            mistakes.append(Mistake(str(file), 1, 1, f"this cannot be read: {e.strerror}"))
            continue
        policy, wrong = check_policy(str(file), data)
        mistakes += wrong
        if policy is None:
            continue
        if policy.id in policies:
            mistakes.append(_twice(policy, policies[policy.id], data))
        else:
            policies[policy.id] = policy
    return [policies[name] for name in sorted(policies)], mistakes


def _twice(policy: Policy, other: Policy, data: bytes) -> Mistake:
    lines = data.decode("utf-8-sig").splitlines()
    row = next((n for n, text in enumerate(lines) if text.startswith("id:")), 0)
    source = lines[row] if lines else ""
    column = max(0, source.find(policy.id))
    message = f"there is a policy {policy.id!r} already, in {other.path}"
    return Mistake(policy.path, row + 1, column + 1, message, source, len(policy.id))
