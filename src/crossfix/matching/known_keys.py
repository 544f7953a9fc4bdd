"""Fingerprints that stand in no text: a device, a payment, a template, recognised by their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crossfix.content.finding import Finding
from crossfix.matching.matcher import UNCONFIRMED
from crossfix.store.registry import StoredFingerprint
from crossfix.traces.infrastructure import (
    LONGEST,
    Certificate,
    Credential,
    Device,
    Infrastructure,
    Payment,
    opaque,
)

_SPELLED: tuple[Infrastructure, ...] = (Device(), Payment(), Credential(), Certificate())
_TEMPLATES = {
    "prompt": "prompt_template", "completion": "prompt_template", "refusal": "prompt_template",
    "send": "mail_template", "message": "mail_template",
}  # fmt: skip

KINDS = frozenset({*(e.kind for e in _SPELLED), *_TEMPLATES.values()})
"""Kinds of trace that an event's attributes tell of alone."""


class KnownKeys:
    """Keys of these kinds, to be asked which of them an event leaves. It never changes.

    An event's keys are those that `crossfix.traces` finds in it.
    """

    def __init__(self, fingerprints: Iterable[StoredFingerprint] = ()) -> None:
        self._held: dict[tuple[str, str], list[StoredFingerprint]] = {}
        for one in fingerprints:
            if one.kind in KINDS:
                self._held.setdefault((one.kind, one.key), []).append(one)
        self._kinds = {kind for kind, _ in self._held}

    def __len__(self) -> int:
        return len(self._held)

    def find(self, attributes: Mapping[str, str], action: str) -> list[Finding]:
        """Return the fingerprints whose keys an event of this action leaves."""
        if not self._held or not attributes:
            return []
        found = []
        for kind, key in self._keys(attributes, action):
            for one in self._held.get((kind, key), ()):
                check = "swarm" if one.source.startswith(UNCONFIRMED) else "fingerprint"
                found.append(Finding(check=check, name=one.id, score=one.confidence))
        return found

    def _keys(self, attributes: Mapping[str, str], action: str) -> Iterable[tuple[str, str]]:
        for extractor in _SPELLED:
            if extractor.kind in self._kinds:
                value = attributes.get(extractor.attribute)
                if value and len(value) <= LONGEST:
                    key = extractor.spell(value.strip())
                    if key:
                        yield extractor.kind, key
        template, kind = attributes.get("template"), _TEMPLATES.get(action)
        if template and kind in self._kinds and len(template) <= LONGEST:
            key = opaque(template.strip())
            if key:
                yield kind, key
