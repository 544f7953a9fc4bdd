"""What a campaign's evidence implies in two public frameworks.

DISARM Red techniques (ids of the release of November 2024) and the ten phases of the Online
Operations Kill Chain (Nimmo and Hutchins, 2023) under the numbers of Meta's published data.
A tag says what was seen, not what was meant: most techniques are also what honest people do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crossfix.campaigns.campaign import Tag
from crossfix.traces.trace import Family

KILL_CHAIN: dict[str, str] = {
    "0": "Acquiring assets",
    "1": "Disguising assets",
    "2": "Gathering information",
    "3": "Coordinating and planning",
    "4": "Testing defenses",
    "5": "Evading detection",
    "6": "Indiscriminate engagement",
    "7": "Targeted engagement",
    "8": "Compromising assets",
    "9": "Enabling longevity",
}
"""The phases by number."""

TECHNIQUES: dict[str, str] = {
    "T0015.001": "Use Existing Hashtag",
    "T0049.003": "Bots Amplify via Automated Forwarding and Reposting",
    "T0084": "Reuse Existing Content",
    "T0084.001": "Use Copypasta",
    "T0085.001": "Develop AI-Generated Text",
    "T0115": "Post Content",
    "T0116": "Comment or Reply on Content",
    "T0118": "Amplify Existing Narrative",
    "T0119.002": "Post across Platform",
    "T0144.002": "Persona Template",
    "T0146.007": "Automated Account Asset",
    "T0149": "Online Infrastructure",
    "T0150.001": "Newly Created Asset",
}
"""The DISARM techniques that can be implied, by id."""

# family -> (what was seen, DISARM techniques, kill-chain phases)
_IMPLIED: dict[Family, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "repost": ("reposted the same post", ("T0118",), ("6",)),
    "text": ("posted the same text", ("T0084.001",), ("6",)),
    "link": ("shared the same link", ("T0115",), ("6",)),
    "tag": ("used the same hashtags", ("T0015.001",), ("6",)),
    "address": ("addressed the same account", ("T0116",), ("7",)),
    "media": ("posted the same picture or video", ("T0084",), ("6",)),
    "infrastructure": ("used the same infrastructure", ("T0149",), ("0",)),
    "profile": ("made their profiles after one pattern", ("T0144.002",), ("1",)),
    "rhythm": ("kept one timetable", (), ("3",)),
    "origin": ("posted what one model response said", ("T0085.001",), ("6",)),
}

_HIGH = 0.5


def implied(
    kinds: Mapping[str, int],
    families: Mapping[str, Family],
    services: Sequence[str],
    parts: Mapping[str, float],
) -> tuple[Tag, ...]:
    """Return the tags that a campaign's evidence implies, DISARM first, in order of id.

    ``kinds`` counts shared keys by kind, ``families`` gives the family of each kind, ``parts`` are
    the parts of the inauthenticity score. Kinds of one family are
    one signal, told by the most frequent: the family needs two shared keys.
    """
    reasons: dict[tuple[str, str], list[str]] = {}

    def say(framework: str, tag: str, because: str) -> None:
        reasons.setdefault((framework, tag), []).append(because)

    counts: dict[Family, int] = {}
    for kind, n in kinds.items():
        if kind in families:
            counts[families[kind]] = max(counts.get(families[kind], 0), n)
    for family, (seen, techniques, phases) in _IMPLIED.items():
        if (n := counts.get(family, 0)) >= 2:
            because = f"members {seen} ({n:,} shared keys)"
            for technique in techniques:
                say("DISARM", technique, because)
            for phase in phases:
                say("kill-chain", phase, because)
    if len(services) > 1 and counts:
        say("DISARM", "T0119.002", f"members on {len(services)} services share keys")
    if parts.get("automation", 0.0) >= _HIGH:
        automated = f"posting rhythm like a timer's (automation {parts['automation']:.2f})"
        say("DISARM", "T0146.007", automated)
        if counts.get("repost", 0) >= 2:
            say("DISARM", "T0049.003", f"{automated} and shared reposts")
    if parts.get("newness", 0.0) >= _HIGH:
        new = f"accounts new or made together (newness {parts['newness']:.2f})"
        say("DISARM", "T0150.001", new)
        say("kill-chain", "0", new)
    return tuple(
        Tag(
            framework="DISARM" if framework == "DISARM" else "kill-chain",
            id=tag,
            name=TECHNIQUES[tag] if framework == "DISARM" else KILL_CHAIN[tag],
            because="; ".join(because),
        )
        for (framework, tag), because in sorted(reasons.items())
    )
