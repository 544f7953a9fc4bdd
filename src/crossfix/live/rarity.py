"""How surprising a burst is: by its key's past, its kind's past, and what its actors did before.

Three questions, each answered from what the index has seen:

- Is the key popular? Then more of it says nothing: its own decayed rate, as a Poisson mean, must
  make a burst as large a surprise.
- Do keys of this kind burst by themselves? Of the keys seen so far, how many had a burst as large.
  Links, tags, reposts and pictures go around without anybody's arrangement, and the largest burst
  of a kind is always one of a kind: for these families the answer counts for little.
- Have these actors met before, on other keys, more often than their activity explains? The mean of
  the null is degree-preserving: the product of two actors' meetings over all meetings. People keep
  hours and have interests, so that meetings are not independent: the mean is multiplied.

The strength is in powers of ten against chance. Under accounts that are mixed at random the third
answer vanishes, and the first two stay: for families that go around by themselves they never reach
`RAISED` alone.
"""

from __future__ import annotations

from math import log10

from scipy.special import pdtrc

from crossfix.live.sighting import Sighting
from crossfix.traces.trace import Family

RAISED = 3.0
"""Strength from which a burst is a swarm."""

GOES_AROUND: frozenset[Family] = frozenset(
    {"repost", "link", "tag", "address", "media", "given", "rhythm"}
)
"""Families whose keys spread by themselves."""

COMMON = frozenset({"asn", "ip_block", "tls", "email_domain", "profile_birth"})
"""Kinds that strangers share by chance, however few they are."""

_MOST_ALONE = 2.0
_DEPENDENCE = 3.0
_LEAST_AGAIN = 3
_PRIOR_BURSTS, _PRIOR_KEYS = 0.5, 2_000.0
_LARGEST = 12.0


def strength(seen: Sighting) -> float:
    """Return how surely this burst is arranged, in powers of ten against chance; 0 is chance."""
    by_key = _powers(pdtrc(seen.actors - 1, max(seen.expected, 1e-6)))
    if by_key < RAISED:
        return 0.0
    # What is yet to be seen of a young index is filled in with a guess: one key in some thousands.
    share = (seen.reached + _PRIOR_BURSTS) / (seen.keys + _PRIOR_KEYS)
    alone = min(by_key, _powers(share))
    if goes_around(seen.kind, seen.family):
        alone = min(alone, _MOST_ALONE)
        if sum(seen.again) < _LEAST_AGAIN:
            return alone
    return min(alone + by_meetings(seen), _LARGEST)


def goes_around(kind: str, family: Family) -> bool:
    """Tell whether keys of this kind spread without anybody's arrangement."""
    return family in GOES_AROUND or kind in COMMON


def by_meetings(seen: Sighting) -> float:
    """Return how surprising it is that these actors met before."""
    if seen.met < 1:
        return 0.0
    return _powers(pdtrc(seen.met - 1, max(_DEPENDENCE * seen.chance, 0.01)))


def members(seen: Sighting) -> tuple[int, ...]:
    """Return which of the accounts belong to a swarm: all, or those who met two others before.

    On what goes around by itself there are bystanders.
    """
    if goes_around(seen.kind, seen.family):
        return tuple(i for i, again in enumerate(seen.again) if again)
    return tuple(range(len(seen.accounts)))


def _powers(chance: float) -> float:
    return min(-log10(max(chance, 1e-300)), _LARGEST)
