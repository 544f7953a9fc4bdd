"""What a campaign or swarm is recognised by: keys common to its members and rare outside."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from crossfix.campaigns.campaign import Mark
from crossfix.content import fold_one, says_enough_one
from crossfix.errors import InputError
from crossfix.matching.indicator import spelling
from crossfix.matching.near import signature_of
from crossfix.matching.phishing import well_known
from crossfix.store.registry import (
    FingerprintTable,
    IndicatorTable,
    Registry,
    StoredFingerprint,
    StoredIndicator,
)
from crossfix.traces.fingerprint import digest

CONFIRMED = "campaign:"
"""How the source begins of what a person stands for, before the campaign's id."""

LEAST_MEMBERS = 3
MOST_OUTSIDE = 0.1
"""Accounts outside that may have left a key, as a share of the members who did."""

INDICATORS = {"url": "url", "domain": "domain"}
KEYS = frozenset({
    "device", "payment", "analytics", "certificate", "credential", "prompt_template",
    "mail_template", "media",
})  # fmt: skip
"""Kinds whose keys are fingerprints as they are."""

FIT = frozenset({"text", "near_text", *INDICATORS, *KEYS})
"""Kinds whose keys can be matched where they appear again."""

_PLATFORMS = (
    "youtube.com wikipedia.org reddit.com github.com medium.com substack.com tumblr.com "
    "pinterest.com vk.com ok.ru weibo.com bsky.app mastodon.social threads.net threads.com "
    "twitch.tv vimeo.com soundcloud.com quora.com change.org gofundme.com patreon.com imgur.com "
    "flickr.com wordpress.com archive.org eventbrite.com zoom.us bbc.co.uk bbc.com cnn.com "
    "nytimes.com theguardian.com reuters.com apnews.com foxnews.com washingtonpost.com "
    "bloomberg.com forbes.com wsj.com dailymail.co.uk independent.co.uk aljazeera.com dw.com "
    "spiegel.de lemonde.fr elpais.com rt.com tass.com nbcnews.com abcnews.go.com cbsnews.com "
    "npr.org ft.com economist.com who.int un.org europa.eu"
)  # fmt: skip
_EVERYBODYS = frozenset(_PLATFORMS.split())
"""Domains that anybody links to: in a small input a campaign may seem to be alone there."""

MARKING = "TLP:AMBER"


class Fingerprints(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the registry's two tables."""

    fingerprints: tuple[StoredFingerprint, ...] = ()
    indicators: tuple[StoredIndicator, ...] = ()

    def __len__(self) -> int:
        return len(self.fingerprints) + len(self.indicators)

    def without(self, ids: Collection[str]) -> Fingerprints:
        """Return the others than these."""
        return Fingerprints(
            fingerprints=tuple(f for f in self.fingerprints if f.id not in ids),
            indicators=tuple(i for i in self.indicators if i.id not in ids),
        )

    def save(self, registry: Registry, *, now: datetime) -> None:
        """Keep them; what is there is renewed.

        Raises:
            StoreError: the registry refuses.
        """
        if self.fingerprints:
            FingerprintTable(registry).save(self.fingerprints, now=now)
        if self.indicators:
            IndicatorTable(registry).save(self.indicators, now=now)


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
        if not tells(mark.members, mark.outside):
            continue
        for kind, key in _prints(mark):
            id = _id(kind, key, source)
            prints[id] = StoredFingerprint(
                id=id, kind=kind, key=key, source=source, confidence=confidence,
                campaign=campaign, expires=expires,
            )  # fmt: skip
        if mark.kind in INDICATORS:
            kind = INDICATORS[mark.kind]
            try:
                value = spelling(kind, mark.value)
            except InputError:
                continue
            if kind == "domain" and (value in _EVERYBODYS or well_known(value)):
                continue
            id = _id(kind, value, source)
            indicators[id] = StoredIndicator(
                id=id, kind=kind, value=value, source=source, marking=MARKING,
                confidence=confidence, campaign=campaign, expires=expires,
            )  # fmt: skip
    return Fingerprints(fingerprints=tuple(prints.values()), indicators=tuple(indicators.values()))


def tells(members: int, outside: int) -> bool:
    """Tell whether a key is common to members and rare outside, by how many accounts left it."""
    return members >= LEAST_MEMBERS and outside <= max(1.0, MOST_OUTSIDE * members)


def _prints(mark: Mark) -> Iterable[tuple[str, str]]:
    if mark.kind in ("text", "near_text"):
        folded = fold_one(mark.value)
        if says_enough_one(folded):
            yield "text", digest(folded)
            yield "near_text", signature_of(mark.value)
    elif mark.kind in KEYS and mark.value:
        yield mark.kind, mark.value


def _id(kind: str, value: str, source: str) -> str:
    content = f"{kind}\x1f{value}\x1f{source}".encode("utf-8", "surrogatepass")
    return "f-" + hashlib.blake2b(content, digest_size=8).hexdigest()
