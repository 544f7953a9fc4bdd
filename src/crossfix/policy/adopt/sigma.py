"""Sigma rules and correlations as policies, as far as their fields are ones that events have."""

from __future__ import annotations

import re
from typing import Any

import yaml

from crossfix.errors import FormatError
from crossfix.events.event import ACTIONS
from crossfix.policy.adopt.adopted import Adopted, made, short, slug
from crossfix.policy.adopt.boolean import NotExpressibleError, every
from crossfix.policy.adopt.detection import action_of, detected, field_of
from crossfix.policy.vocabulary import AMOUNTS, GROUPS, VALUES

MOST_RULES = 200
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "==", "neq": "!="}
_LEVELS = ("informational", "low", "medium", "high", "critical")


def adopt_sigma(text: str, path: str) -> list[Adopted]:
    """Return what becomes of every rule of a file.

    Rules that a correlation of the same file refers to become part of it, unless it says
    ``generate: true``.

    Raises:
        FormatError: the file is not YAML.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise FormatError("Rules with YAML aliases are not read.", path=path)
        documents = [d for d in yaml.safe_load_all(text) if isinstance(d, dict)][:MOST_RULES]
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        raise FormatError(f"This is not YAML: {short(e, 200)}", path=path) from None
    rules = [d for d in documents if "detection" in d]
    named = {str(d[key]): d for d in rules for key in ("id", "name", "title") if key in d}
    correlations = [d for d in documents if isinstance(d.get("correlation"), dict)]
    used = [
        id(named[str(one)])
        for d in correlations
        if not d["correlation"].get("generate", d.get("generate"))
        for one in _listed(d["correlation"].get("rules"))
        if str(one) in named
    ]
    known: set[str] = set()
    return [_one(d, named, known) for d in documents if d in correlations or (id(d) not in used
            and "detection" in d)]  # fmt: skip


def _one(document: dict[str, Any], named: dict[str, Any], known: set[str]) -> Adopted:
    title = short(document.get("title", document.get("name", "Sigma rule")))
    id = slug(f"sigma-{title}", known)
    notes: list[str] = []
    try:
        if "correlation" in document:
            actions, condition = _correlated(document["correlation"], named)
        else:
            actions, found = action_of(document), detected(document)
            if isinstance(found, bool):
                raise NotExpressibleError("it always has one answer")
            condition = found
    except NotExpressibleError as e:
        return Adopted(title, id, None, (str(e),))
    level = str(document.get("level", "medium"))
    false_positives = [short(f, 2000) for f in _listed(document.get("falsepositives"))]
    tags = [str(tag) for tag in _listed(document.get("tags"))]
    kept = [
        t for t in tags if re.fullmatch(r"[a-z][a-z0-9_-]*\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}", t)
    ]
    if len(kept) < len(tags):
        notes.append(f"tags are left out: {', '.join(t for t in tags if t not in kept)}")
    keys = {
        "title": title, "id": id, "status": "draft",
        "level": level if level in _LEVELS else "medium",
        "description": short(document.get("description", ""), 4000),
        "author": short(document.get("author", "")),
        "references": [short(r) for r in _listed(document.get("references"))],
        "tags": kept, "falsepositives": false_positives,
        "when": sorted(actions) if actions else "any", "condition": condition, "effects": ["flag"],
    }  # fmt: skip
    return made(title, keys, notes)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _correlated(said: dict[str, Any], named: dict[str, Any]) -> tuple[set[str], str]:
    kind = said.get("type")
    names = [str(one) for one in _listed(said.get("rules"))]
    for name in names:
        if name not in named:
            raise NotExpressibleError(f"the rule {name} is not in this file, or is a correlation")
    if not names:
        raise NotExpressibleError("it refers to no rule")
    within = str(said.get("timespan", ""))
    if not re.fullmatch(r"[1-9]\d{0,5}[smhd]", within):
        raise NotExpressibleError(f"the timespan {within!r} is none of ours")
    by = _group(said, names)
    rules = [named[name] for name in names]
    actions = [action_of(rule) for rule in rules]
    wheres = [_where(rule) for rule in rules]
    bounds = [
        (_SIGNS[sign], int(n)) for sign, n in (said.get("condition") or {}).items()
        if sign in _SIGNS and isinstance(n, int)
    ]  # fmt: skip
    looked = set[str]().union(*actions) if all(actions) else set[str]()
    tail = f"within='{within}', by='{by}'"
    if kind == "event_count":
        parts = [f"count({_tuple(a)}, {tail}{w})" for a, w in zip(actions, wheres, strict=True)]
        return looked, _bounded("(" + " + ".join(parts) + ")" if parts[1:] else parts[0], bounds)
    if kind == "value_count":
        if len(rules) > 1:
            raise NotExpressibleError("values of several rules are not counted together")
        value = _value(said)
        return looked, _bounded(
            f"distinct('{value}', {tail}, action={_tuple(actions[0])}{wheres[0]})", bounds
        )
    if kind == "value_sum":
        amount = _field(said)
        if len(rules) > 1 or amount not in AMOUNTS:
            raise NotExpressibleError("only tokens and the like of one rule are added up")
        return looked, _bounded(
            f"sum('{amount}', {tail}, action={_tuple(actions[0])}{wheres[0]})", bounds
        )
    if kind == "temporal":
        if bounds and bounds != [(">=", len(rules))]:
            raise NotExpressibleError("some of several rules in one timespan cannot be asked for")
        seen = [f"count({_tuple(a)}, {tail}{w}) >= 1" for a, w in zip(actions, wheres, strict=True)]
        return looked, str(every(seen))
    raise NotExpressibleError(f"correlations of type {kind} cannot be said: policies know no order")


def _bounded(value: str, bounds: list[tuple[str, int]]) -> str:
    if not bounds:
        raise NotExpressibleError("the correlation has no condition with a number")
    return str(every([f"{value} {sign} {n}" for sign, n in bounds]))


def _group(said: dict[str, Any], names: list[str]) -> str:
    groups = [str(one) for one in _listed(said.get("group-by"))]
    if not groups:
        return "all"
    if len(groups) > 1:
        raise NotExpressibleError(f"groups by several fields cannot be asked for: {groups}")
    aliases = said.get("aliases") or {}
    meant = aliases.get(groups[0])
    fields = {str(f) for n, f in meant.items() if n in names} if isinstance(meant, dict) else groups
    found = {field_of(name) for name in fields}
    if len(found) != 1 or (group := found.pop()) not in GROUPS:
        raise NotExpressibleError(f"events have nothing to group by that is {groups[0]!r}")
    return str(group)


def _value(said: dict[str, Any]) -> str:
    value = _field(said)
    if value not in VALUES:
        raise NotExpressibleError("events have no such field to count the values of")
    return str(value)


def _field(said: dict[str, Any]) -> str | None:
    condition = said.get("condition")
    inside = condition.get("field") if isinstance(condition, dict) else None
    fields = _listed(said.get("field") or inside)
    return field_of(str(fields[0])) if len(fields) == 1 else None


def _where(rule: dict[str, Any]) -> str:
    found = detected(rule)
    if found is False:
        raise NotExpressibleError("one of its rules can never hold")
    return "" if found is True else f", where={found}"


def _tuple(actions: set[str]) -> str:
    if not actions or len(actions) == len(ACTIONS):
        return "'any'"
    return repr(tuple(sorted(actions))) if len(actions) > 1 else repr(next(iter(actions)))
