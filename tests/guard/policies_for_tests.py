"""Usage policies that do what a word in the text asks for, so that a test says what it wants."""

from pathlib import Path


def policy(name: str, condition: str, effect: str, *, when: str = "prompt", more: str = "") -> str:
    return f"""\
title: {name}
id: {name}
version: 3
status: live
level: high
description: For tests.
text:
  en: The rule {name} says no.
author: crossfix
date: 2026-01-01
tags: []
falsepositives: [none]
when: {when}
condition: {condition}
effects:
  - {effect}
tests:
  - name: holds
    events:
      - {{action: {when}, {more or 'text: "xblock xthrottle xchallenge xflag xleak"'}}}
    expect: hit
"""


def write_policies(folder: Path) -> Path:
    """Write the policies and return the settings that name them."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "blocks": policy("blocks", 'contains("xblock")', "block"),
        "throttles": policy("throttles", 'contains("xthrottle")', "throttle: 1/h"),
        "challenges": policy("challenges", 'contains("xchallenge")', "challenge: email"),
        "flags": policy("flags", 'contains("xflag")', "flag"),
        "leaks": policy("leaks", 'contains("xleak")', "block", when="completion"),
        "secrets": policy(
            "secrets", 'found("secret")', "block", when="completion",
            more='findings: [{check: secret, name: aws, score: 1.0}]',
        ),
    }  # fmt: skip
    for name, text in made.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
