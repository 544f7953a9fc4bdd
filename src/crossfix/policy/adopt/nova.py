"""NOVA prompt rules as policies: keywords and expressions; meaning and judges are left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crossfix.policy.adopt.adopted import Adopted, made, short, slug
from crossfix.policy.adopt.boolean import NotExpressibleError, Part, translated
from crossfix.policy.patterns import pattern_fault

SECTIONS = ("meta", "keywords", "semantics", "llm", "condition")
MOST_RULES = 500
_RULE = re.compile(r"^\s*rule\s+(\w+)\s*\{?\s*$", re.M)
_LEVELS = {"info": "informational", "informational": "informational", "low": "low",
           "medium": "medium", "high": "high", "critical": "critical"}  # fmt: skip


@dataclass
class _Rule:
    name: str
    meta: dict[str, str] = field(default_factory=dict)
    keywords: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    condition: str = ""
    notes: list[str] = field(default_factory=list)


def adopt_nova(text: str) -> list[Adopted]:
    """Return what becomes of every rule of a file."""
    starts = list(_RULE.finditer(text))[:MOST_RULES]
    known: set[str] = set()
    found = []
    for start, end in zip(starts, [*starts[1:], None], strict=False):
        body = text[start.end() : end.start() if end else len(text)]
        found.append(_adopted(_read(start[1], body), known))
    return found


def _read(name: str, body: str) -> _Rule:
    rule, section = _Rule(name), ""
    for line in map(str.strip, body.splitlines()):
        if not line or line.startswith(("//", "#")) or line in "{}":
            continue
        if line.endswith(":") and line[:-1].strip().lower() in SECTIONS:
            section = line[:-1].strip().lower()
        elif section == "condition":
            rule.condition += f" {line}"
        else:
            _entry(rule, section, line)
    return rule


def _entry(rule: _Rule, section: str, line: str) -> None:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        rule.notes.append(f"a line of {section or 'the rule'} cannot be read: {line[:60]}")
    elif section == "meta":
        rule.meta[name.lower()] = value.strip("\"'")
    elif section == "keywords":
        _keyword(rule, name, value)
    else:
        rule.left_out[name] = section


def _keyword(rule: _Rule, name: str, value: str) -> None:
    if quoted := re.match(r'"((?:[^"\\]|\\.)*)"', value):
        pattern = re.escape(re.sub(r"\\(.)", r"\1", quoted[1]))
    elif expression := re.match(r"/(.*)/([a-z]*)\s*$", value):
        pattern = expression[1]
        if "i" not in expression[2]:
            rule.notes.append(f"{name} is found whatever its case")
    else:
        rule.notes.append(f"{name} is no text and no expression")
        return
    fault = pattern_fault(pattern)
    if fault:
        rule.notes.append(f"{name} is left out: {fault}")
    else:
        rule.keywords[name] = f"matches({pattern!r})"


def _resolve(rule: _Rule, name: str) -> Part | list[Part]:
    section, dot, variable = name.partition(".")
    if not dot:
        section, variable = ("", name) if "$" in name else (name, "*")
    names = [*rule.keywords, *rule.left_out]
    prefix = variable.removesuffix("*")
    fits = [
        one
        for one in names
        if (one.startswith(prefix) if variable.endswith("*") else one == variable)
        and section.lower() in ("", "them", rule.left_out.get(one, "keywords"))
    ]
    if not fits and not variable.endswith("*"):
        if any(note.startswith(f"{variable} ") for note in rule.notes):
            return False
        raise NotExpressibleError(f"there is no {name}")
    parts: list[Part] = [rule.keywords.get(one, False) for one in fits]
    return parts


def _adopted(rule: _Rule, known: set[str]) -> Adopted:
    id = slug(f"nova-{rule.name}", known)
    notes = rule.notes
    notes += [
        f"{name} is left out: {'meaning' if section == 'semantics' else 'a judging model'} "
        "is no part of policies; ask a classifier's score instead"
        for name, section in rule.left_out.items()
    ]
    try:
        condition = translated(rule.condition, lambda name: _resolve(rule, name))
    except NotExpressibleError as e:
        return Adopted(rule.name, id, None, (*notes, str(e)))
    if isinstance(condition, bool):
        what = "always holds" if condition else "can never hold"
        return Adopted(rule.name, id, None, (*notes, f"without what is left out it {what}"))
    references = [rule.meta[key] for key in ("reference", "references", "url") if key in rule.meta]
    keys = {
        "title": short(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", rule.name)), "id": id,
        "status": "draft", "level": _LEVELS.get(rule.meta.get("severity", "").lower(), "medium"),
        "description": short(rule.meta.get("description", ""), 4000),
        "author": short(rule.meta.get("author", "")),
        "references": [short(r) for r in references],
        "when": "prompt", "condition": condition, "effects": ["flag"],
    }  # fmt: skip
    return made(rule.name, keys, notes)
