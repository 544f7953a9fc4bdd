"""What a campaign or swarm is recognised by: keys common to its members and rare outside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

from crossfix.campaigns.campaign import Campaign
from crossfix.content import fold_one, says_enough_one
from crossfix.errors import InputError
from crossfix.matching.indicator import spelling
from crossfix.matching.near import signature_of
from crossfix.store.registry import (
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredFingerprint,
    StoredIndicator,
)
from crossfix.traces.fingerprint import digest

LEAST_MEMBERS = 3
MOST_OUTSIDE = 0.1
"""Accounts outside that may have left a key, as a share of the members who did."""

_INDICATORS = {"url": "url", "domain": "domain"}
_KEYS = frozenset({
    "device", "payment", "analytics", "certificate", "credential", "prompt_template",
    "mail_template", "media",
})  # fmt: skip
"""Kinds whose keys are fingerprints as they are."""

MARKING = "TLP:AMBER"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A key that members have in common: how many of them, and how many accounts outside.

    ``value`` is readable; of kinds ``text`` and ``near_text`` it is a text that left the key.
    """

    kind: str
    value: str
    members: int
    outside: int = 0


class Fingerprints(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the registry's two tables."""

    fingerprints: tuple[StoredFingerprint, ...] = ()
    indicators: tuple[StoredIndicator, ...] = ()

    def __len__(self) -> int:
        return len(self.fingerprints) + len(self.indicators)

    def save(self, registry: Registry, *, now: datetime) -> None:
        """Keep them; what is there is renewed.

        Raises:
            StoreError: the registry refuses.
        """
        if self.fingerprints:
            FingerprintTable(registry).save(self.fingerprints, now=now)
        if self.indicators:
            IndicatorTable(registry).save(self.indicators, now=now)


def marks_of(campaign: Campaign) -> list[Mark]:
    """Return the keys that stand as evidence of a campaign, with who left them."""
    found = []
    for shared in campaign.evidence:
        accounts = {post.account for post in shared.posts}
        value = shared.key
        if shared.kind in ("text", "near_text"):
            value = next((post.text for post in shared.posts if post.text), shared.key)
        outside = max(0, shared.popularity - len(accounts))
        found.append(Mark(kind=shared.kind, value=value, members=len(accounts), outside=outside))
    return found


def fingerprints_of(
    marks: Iterable[Mark],
    *,
    source: str,
    confidence: float,
    expires: datetime | None,
    campaign: str | None = None,
) -> Fingerprints:
    """Return the fingerprints and indicators that keys yield.

    A key must be common to three members and left by few outside. A text yields its digest and
    its signature, which texts nearly the same share. What is short, popular or without a form that
    can be matched yields nothing.
    """
    prints: dict[str, StoredFingerprint] = {}
    indicators: dict[str, StoredIndicator] = {}
    for mark in marks:
        if mark.members < LEAST_MEMBERS or mark.outside > max(1, MOST_OUTSIDE * mark.members):
            continue
        for kind, key in _prints(mark):
            id = _id(kind, key, source)
            prints[id] = StoredFingerprint(
                id=id, kind=kind, key=key, source=source, confidence=confidence,
                campaign=campaign, expires=expires,
            )  # fmt: skip
        if mark.kind in _INDICATORS:
            kind = _INDICATORS[mark.kind]
            try:
                value = spelling(kind, mark.value)
            except InputError:
                continue
            id = _id(kind, value, source)
            indicators[id] = StoredIndicator(
                id=id, kind=kind, value=value, source=source, marking=MARKING,
                confidence=confidence, campaign=campaign, expires=expires,
            )  # fmt: skip
    return Fingerprints(fingerprints=tuple(prints.values()), indicators=tuple(indicators.values()))


def _prints(mark: Mark) -> Iterable[tuple[str, str]]:
    if mark.kind in ("text", "near_text"):
        folded = fold_one(mark.value)
        if says_enough_one(folded):
            yield "text", digest(folded)
            yield "near_text", signature_of(mark.value)
    elif mark.kind in _KEYS and mark.value:
        yield mark.kind, mark.value


def _id(kind: str, value: str, source: str) -> str:
    content = f"{kind}\x1f{value}\x1f{source}".encode("utf-8", "surrogatepass")
    return "f-" + hashlib.blake2b(content, digest_size=8).hexdigest()
