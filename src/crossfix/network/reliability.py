"""How far a shared key of each kind tells of coordination, before anything is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RELIABILITY: Mapping[str, float] = {
    "repost": 1.0,
    "url": 1.0,
    "media": 1.0,
    "text": 0.3,
    "near_text": 0.3,
    "meaning": 0.1,
    "reply": 0.3,
    "hashtag_set": 0.1,
    "hashtag": 0.1,
    "domain": 0.1,
    "mention": 0.0,
    "rhythm": 0.3,
    "device": 1.0,
    "payment": 1.0,
    "certificate": 1.0,
    "analytics": 1.0,
    "tls": 0.1,
    "ip_block": 0.3,
    "asn": 0.05,
    "email_domain": 0.1,
    "profile_bio": 0.3,
    "profile_avatar": 0.3,
    "profile_birth": 0.1,
    "mail_template": 1.0,
    "prompt_template": 0.3,
    "prompt_frame": 0.3,
    "credential": 0.0,
    "origin": 1.0,
    "persona": 1.0,
    "chain": 1.0,
}
"""Kind -> weight. What costs an act of its own (a repost, a link, a picture, a device) counts
whole; words count a third, for people quote; tags and domains a tenth, for they are a subject, not
an act; the same in other words a tenth, too, for people agree. Mentions did not help on labelled
data; one credential means one person, which is no coordination. That two accounts posted what one
model response said counts whole. A kind that a trace table names itself counts `GIVEN`."""

GIVEN = 0.3

OCCASIONAL = frozenset({"hashtag", "hashtag_set", "domain", "asn", "email_domain", "tls"})
"""Kinds of which one occasion in common says nothing: two accounts need two."""

BASES: Mapping[str, str] = {
    "near_text": "text",
    "meaning": "text",
    "hashtag_set": "hashtag",
}
"""Kind -> the kind of which every event with such a key leaves one: its base.

Such keys are given to a few of the base's events. Chance could have given them to any other: so it
is counted, and exchanged, among all of these. Among the few alone an operation would be its own
measure of chance."""

WIDE = OCCASIONAL - {"hashtag_set"} | {"prompt_template", "prompt_frame"}
"""Kinds whose keys are a subject, a provider or a form that a tool fills: who has them in common
may not know of it."""

OWN_WORDS = frozenset({"text", "near_text", "meaning"})
"""Kinds whose keys people write themselves (reposts are a kind of their own)."""


@dataclass(frozen=True)
class KindWeights:
    """The weights of the kinds of one input, by code.

    ``weight`` is the reliability; ``family`` numbers the families; ``occasional`` marks kinds of
    which two occasions are needed, ``founding`` those whose links alone can make a community,
    ``words`` those of `OWN_WORDS`; ``base`` is the code of each kind's base, its own if none.
    """

    weight: NDArray[np.float64]
    family: NDArray[np.int64]
    occasional: NDArray[np.bool_]
    founding: NDArray[np.bool_]
    words: NDArray[np.bool_]
    base: NDArray[np.int64]


def kind_weights(
    kinds: Sequence[str], families: Sequence[str], switched_off: frozenset[str] = frozenset()
) -> KindWeights:
    """Return the weights of ``kinds`` (by code); those in ``switched_off`` weigh nothing."""
    weight = [0.0 if k in switched_off else RELIABILITY.get(k, GIVEN) for k in kinds]
    numbers = {name: n for n, name in enumerate(dict.fromkeys(families))}
    return KindWeights(
        np.array(weight, dtype=np.float64),
        np.array([numbers[f] for f in families], dtype=np.int64),
        np.array([k in OCCASIONAL for k in kinds], dtype=np.bool_),
        np.array([w > 0 and k not in WIDE for w, k in zip(weight, kinds, strict=True)]),
        np.array([k in OWN_WORDS for k in kinds], dtype=np.bool_),
        bases(kinds),
    )


def bases(kinds: Sequence[str]) -> NDArray[np.int64]:
    """Return the code of each kind's base, its own where it has none in ``kinds``."""
    code = {kind: number for number, kind in enumerate(kinds)}
    own = [code.get(BASES.get(kind, kind), number) for number, kind in enumerate(kinds)]
    return np.array(own, dtype=np.int64)
