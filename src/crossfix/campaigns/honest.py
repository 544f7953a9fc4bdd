"""What speaks for an honest reason where one response was posted by several accounts.

Readers share a text that they are asked to share; an agency has one text for each of its clients
written in one go; an organisation posts one statement under its name on every platform, or its
translations under several. These coordinate, and openly so. None of it is proof: it is said, and
it takes away the weight of signs that such offices leave as well (one timer, one network, one
text).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scipy.special import bdtrc

from crossfix.traces.origin import Sighting
from crossfix.traces.origin.passage import shared, units

HALF = 0.5
"""Share of the parts that have a word of the subject in common with another, at least."""

USUAL_WORD = 0.2
"""Share of other texts in which a word stands from which it is of no subject."""

SUBJECT_BY_CHANCE = 0.001
"""Probability that a word stands in so many parts by chance, as often as in other texts, from which
it is of their subject. Others may speak of that, too."""

WHOLE = 0.97
"""Share of a segment's words that stand in a post, in one piece, where it is there as it is."""

LEAST_PARTS = 3
LEAST_WORD = 4

EXPLAINED = frozenset({"automation", "infrastructure", "template_reuse"})
"""Parts of inauthenticity that an office with a scheduler leaves as well."""

EXPLAINED_OF_NEW = frozenset({"template_reuse"})
"""Those of accounts that are new, too: what is shared is one text."""


_NEW = 0.5
"""The height of newness from which accounts are new."""


def explained(parts: Mapping[str, float]) -> frozenset[str]:
    """Return which parts of the second score do not count where the reason is honest."""
    return EXPLAINED_OF_NEW if parts.get("newness", 0.0) >= _NEW else EXPLAINED


def honest_reasons(
    ordered: Sequence[Sighting], actors: int, usual: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """Return, in words, what speaks for an honest reason; nothing where nothing does.

    ``ordered`` are the sightings of one response. ``usual`` is the share of other texts in which a
    (folded) word stands; without it, nothing is said of subjects.
    """
    reasons = []
    if actors == 1:
        reasons.append("all accounts are declared to be one person's")
    accounts = {s.post.account for s in ordered}
    if len(accounts) > 1 and _one_name(accounts):
        reasons.append("the accounts have one name on different services")
    elif len(accounts) > 1 and len({account.partition(":")[0] for account in accounts}) == len(
        accounts
    ):
        reasons.append("each account is on a service of its own, as one owner's are")
    if actors > 1 and len({s.segment for s in ordered}) == 1 and _unchanged(ordered):
        reasons.append("everybody posted the same part unchanged, as share texts are")
    if usual is not None and _own_subjects(ordered, usual):
        reasons.append("the parts have no subject in common, as those of an agency's clients have")
    return tuple(reasons)


def subject_words(text: str) -> set[str]:
    """Return the folded words of a text that may be of a subject."""
    return {word for word in units(text) if len(word) >= LEAST_WORD and not word.isdigit()}


def _unchanged(ordered: Sequence[Sighting]) -> bool:
    return all(s.kind in ("verbatim", "contained") or stands_whole(s) for s in ordered)


def stands_whole(sighting: Sighting) -> bool:
    """Tell whether a post holds a segment as it is, whatever it says around it."""
    if sighting.kind == "verbatim":
        return True
    common = shared(units(sighting.segment_text), units(sighting.post.text))
    return common.of_segment >= WHOLE and common.density >= WHOLE


def _one_name(accounts: set[str]) -> bool:
    parted = [account.partition(":") for account in sorted(accounts)]
    services, names = [p[0] for p in parted], [p[2] for p in parted]
    return len({name.casefold().lstrip("@") for name in names}) == 1 < len(set(services))


def _own_subjects(ordered: Sequence[Sighting], usual: Mapping[str, float]) -> bool:
    """Tell whether accounts took different parts that have no subject in common."""
    taken: dict[int, str] = {}
    holders: dict[int, str] = {}
    for sighting in ordered:
        taken.setdefault(sighting.segment, sighting.segment_text)
        holders.setdefault(sighting.segment, sighting.post.account)
    said = [subject_words(text) for text in taken.values()]
    said = [words for words in said if words]
    if len(said) < LEAST_PARTS or len(set(holders.values())) < LEAST_PARTS:
        return False
    counts = Counter(word for words in said for word in words)
    telling = {w for w, n in counts.items() if _telling(n, len(said), usual.get(w, 0.0))}
    return sum(bool(words & telling) for words in said) < HALF * len(said)


def _telling(parts: int, of: int, usual: float) -> bool:
    """Tell whether a word is of the subject of some parts, for it stands in so many of them."""
    return parts > 1 and usual <= USUAL_WORD and bdtrc(parts - 1, of, usual) <= SUBJECT_BY_CHANCE
