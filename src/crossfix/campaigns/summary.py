"""A campaign in a few sentences of plain text: who, where, when, how.

The words are careful: they say what was seen and how surely, never who is to blame. Nothing that
an account wrote is quoted; names of services are shortened and freed of control characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crossfix.campaigns.campaign import Campaign
from crossfix.campaigns.order import HIGH
from crossfix.counted import counted

_LEVELS = ((HIGH, "strong"), (0.25, "some"), (0.0, "few"))
"""The least inauthenticity and the word for it."""

_PART_WORDS = {
    "newness": "how new the accounts are",
    "automation": "a rhythm like a timer's",
    "template_reuse": "texts or names made after one pattern",
    "amplification": "how much is reposts",
    "infrastructure": "shared infrastructure",
    "provenance": "words or profiles that a model wrote",
}


def summarise(
    campaign: Campaign, phrases: Mapping[str, str], families: Mapping[str, str] | None = None
) -> str:
    """Return a few sentences about a campaign.

    ``phrases`` says each trace kind in words, as `Extractor.phrase` does ("shared the same
    link"). ``families`` gives the family of each kind: kinds of one family are one signal and are
    said once. The campaign's own ``summary`` is not read.
    """
    said = [_who(campaign), _how(campaign, phrases, families or {}), second_score(campaign)]
    if campaign.allowed:
        said.append(f"The allow-list knows them: {plain(campaign.allowed, 200)}.")
    return " ".join(sentence for sentence in said if sentence)


def plain(text: str, longest: int) -> str:
    """Return text without control characters and line breaks, cut to a length."""
    clean = "".join(c if c.isprintable() else " " for c in text[: longest + 1]).strip()
    return clean if len(text) <= longest else clean[: longest - 1].rstrip() + "…"


def _who(c: Campaign) -> str:
    members = counted(len(c.members), "account")
    events = counted(sum(m.events for m in c.members), "event")
    on = listed([plain(s, 40) for s in c.services], "service")
    return (
        f"{members} on {on} {'acts' if len(c.members) == 1 else 'act'} as one more often than "
        f"chance explains (coordination {c.coordination:.2f}); {_when(c.first, c.last)} "
        f"{'it' if len(c.members) == 1 else 'they'} left {events}."
    )


def _when(first: datetime, last: datetime) -> str:
    first, last = first.astimezone(UTC), last.astimezone(UTC)
    if first.date() != last.date():
        return f"from {_day(first)} to {_day(last)} (UTC)"
    if f"{first:%H:%M}" == f"{last:%H:%M}":
        return f"on {_day(first)} at {first:%H:%M} UTC"
    return f"on {_day(first)} between {first:%H:%M} and {last:%H:%M} UTC"


def _day(when: datetime) -> str:
    months = "January February March April May June July August September October November December"
    return f"{when.day} {months.split()[when.month - 1]} {when.year}"


def _how(c: Campaign, phrases: Mapping[str, str], families: Mapping[str, str]) -> str:
    said = {k: phrases.get(k, f"left the same {plain(k, 40)}") for k, n in c.kinds.items() if n > 0}
    # Of kinds that are equally frequent the plainest stands first: "the same text" for "nearly".
    order = sorted(said, key=lambda kind: (-c.kinds[kind], len(said[kind]), kind))
    ways: dict[str, str] = {}
    for kind in order:
        ways.setdefault(families.get(kind, kind), f"{said[kind]} {times(c.kinds[kind])}")
    if not ways:
        return ""
    more = f", and in {counted(len(ways) - 3, 'other way')}" if len(ways) > 3 else ""
    closest = min((link.window_seconds for link in c.links), default=0)
    near = f", some within {duration(closest)} of each other" if closest else ""
    return f"Several of them {listed(list(ways.values())[:3])}{more}{near}."


def second_score(c: Campaign) -> str:
    """Say what the second score means beside the first; the signs are not to be a verdict."""
    if not c.parts:
        return "Nothing is known that tells whether the accounts are what they seem."
    level = next(word for least, word in _LEVELS if c.inauthenticity >= least)
    told = [p for p, v in sorted(c.parts.items(), key=lambda p: (-p[1], p[0])) if v >= 0.5]
    why = listed([_PART_WORDS.get(p, plain(p, 40)) for p in told[:3]])
    signs = f"There are {level} signs of inauthenticity ({c.inauthenticity:.2f})"
    signs += f", above all {why}. " if why else ". "
    if c.inauthenticity >= HIGH and c.coordination >= HIGH:
        return signs + "Both scores are high: look here first."
    if level == "few":
        return signs + "Newsrooms and fan clubs coordinate too; that alone is no reason to act."
    return signs + "Newsrooms and fan clubs coordinate too: judge by the evidence."


def times(n: int) -> str:
    """Return how often: "once", "twice", "12 times"."""
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def duration(seconds: int) -> str:
    """Return a length of time in its greatest whole unit: "10 seconds", "1 minute"."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


def listed(items: Sequence[str], more: str = "item") -> str:
    """Return items as a person lists them: "a, b and c"; more than four are counted."""
    shown = list(items)
    if len(shown) > 4:
        shown = [*shown[:3], counted(len(shown) - 3, f"more {more}")]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
