"""One file of another tool's rules as the files of policies, always drafts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from crossfix.policy.check import check_policy


@dataclass(frozen=True)
class Adopted:
    """A policy made from another tool's rule, or why there is none.

    ``text`` is the policy's file; ``notes`` say what of the rule is not in it.
    """

    rule: str
    id: str
    text: str | None
    notes: tuple[str, ...] = ()


def slug(name: str, known: set[str]) -> str:
    """Return an id made from a name, not yet known."""
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:56] or "rule"
    base = base if len(base) >= 3 else f"{base}-rule"
    found, number = base, 2
    while found in known:
        found, number = f"{base}-{number}", number + 1
    known.add(found)
    return found


def made(rule: str, keys: dict[str, Any], notes: list[str]) -> Adopted:
    """Return a policy's file from its keys, once it was checked like any other."""
    kept = {name: value for name, value in keys.items() if value not in (None, "", [], ())}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=96)
    policy, mistakes = check_policy(f"{keys['id']}.yaml", text.encode())
    if policy is None:
        return Adopted(rule, keys["id"], None, (*notes, *(m.message for m in mistakes)))
    return Adopted(rule, keys["id"], text, tuple(notes))


def short(value: object, most: int = 290) -> str:
    """Return a text on one line, not too long for a policy's key."""
    return " ".join(str(value).split())[:most]
