"""A campaign in a few sentences of plain text: who, where, when, how.

The words are careful: they say what was seen and how surely, never who is to blame. Nothing that
an account wrote is quoted; names of services are shortened and freed of control characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crossfix.campaigns.campaign import Campaign

_PART_WORDS = {
    "newness": "how new the accounts are",
    "automation": "a rhythm like a timer's",
    "template_reuse": "texts or names made after one pattern",
    "amplification": "how much is reposts",
    "infrastructure": "shared infrastructure",
}


def summarise(campaign: Campaign, phrases: Mapping[str, str]) -> str:
    """Return two to four sentences about a campaign.

    ``phrases`` says each trace kind in words, as `Extractor.phrase` does ("shared the same
    link"). The campaign's own ``summary`` is not read.
    """
    said = [_who(campaign), _how(campaign, phrases), _inauthentic(campaign)]
    if campaign.allowed:
        said.append(f"The allow-list knows them: {plain(campaign.allowed, 200)}.")
    return " ".join(sentence for sentence in said if sentence)


def plain(text: str, longest: int) -> str:
    """Return text without control characters and line breaks, cut to a length."""
    clean = "".join(c if c.isprintable() else " " for c in text[: longest + 1]).strip()
    return clean if len(text) <= longest else clean[: longest - 1].rstrip() + "…"


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 post", "2,000 posts"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _who(c: Campaign) -> str:
    members = count(len(c.members), "account")
    events = count(sum(m.events for m in c.members), "event")
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


def _how(c: Campaign, phrases: Mapping[str, str]) -> str:
    top = sorted(((k, n) for k, n in c.kinds.items() if n > 0), key=lambda p: (-p[1], p[0]))
    if not top:
        return ""
    ways = [
        f"{phrases.get(kind, f'left the same {plain(kind, 40)}')} {times(n)}" for kind, n in top[:3]
    ]
    more = f", and in {count(len(top) - 3, 'other way')}" if len(top) > 3 else ""
    closest = min((link.window_seconds for link in c.links), default=0)
    near = f", some within {duration(closest)} of each other" if closest else ""
    return f"Several of them {listed(ways)}{more}{near}."


def _inauthentic(c: Campaign) -> str:
    if not c.parts:
        return "Nothing is known that tells whether the accounts are what they seem."
    told = [p for p, v in sorted(c.parts.items(), key=lambda p: (-p[1], p[0])) if v >= 0.5]
    why = listed([_PART_WORDS.get(p, plain(p, 40)) for p in told[:3]])
    level = "high" if c.inauthenticity >= 0.5 else "low"
    tail = f", mostly for {why}" if told and c.inauthenticity >= 0.5 else (
        f" in spite of {why}" if told else ""
    )  # fmt: skip
    return f"Signs of inauthenticity are {level} ({c.inauthenticity:.2f}){tail}."


def times(n: int) -> str:
    """Return how often: "once", "twice", "12 times"."""
    return {1: "once", 2: "twice"}.get(n, f"{n:,} times")


def duration(seconds: int) -> str:
    """Return a length of time in its greatest whole unit: "10 seconds", "1 minute"."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return count(seconds // size, unit)
    return count(seconds, "second")


def listed(items: Sequence[str], more: str = "item") -> str:
    """Return items as a person lists them: "a, b and c"; more than four are counted."""
    shown = list(items)
    if len(shown) > 4:
        shown = [*shown[:3], count(len(shown) - 3, f"more {more}")]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
