"""Classifiers: what gives a text a score per category, near or far, and what a score leads to.

Categories are named as OpenAI's moderation endpoint names them, with a few more where it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from crossfix.content.finding import Finding

CATEGORIES: dict[str, str] = {
    "harassment": "insults, threats and campaigns against a person",
    "hate": "demeaning people for what they are",
    "illicit": "how to commit crimes that are not violent",
    "illicit/violent": "how to make or get weapons",
    "violence": "how to hurt people, and praise of it",
    "self-harm": "suicide and self-injury",
    "sexual": "sexual content",
    "sexual/minors": "sexual content about minors",
    "fraud": "scams, phishing and other lures",
    "cyber": "malware, intrusion, theft of data",
    "disinformation": "false news, false reviews, false persons",
    "privacy": "finding out, tracking or exposing a person",
    "jailbreak": "talking a model out of its rules",
    "injection": "instructions hidden in what a model is given to read",
}
"""Category -> what it is about."""

MILD = ("allow", "flag", "challenge")
"""What a score may lead to by itself: classifiers err, so that one alone never blocks."""


class Head(Protocol):
    """A classifier that answers at once: small, local, without a network."""

    name: str
    threshold: float

    def score(self, text: str) -> dict[str, float]:
        """Return a score from 0 to 1 for categories of which there is anything."""


class Classifier(Protocol):
    """A classifier that may take its time."""

    name: str

    async def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return for each text a score from 0 to 1 for each category.

        Raises:
            OutsideError: it cannot be reached, or did not answer as it should.
        """


class Local:
    """A head, asked as if it were far away."""

    def __init__(self, head: Head) -> None:
        self.name = head.name
        self._head = head

    async def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Return the head's scores."""
        return [self._head.score(text) for text in texts]


def findings(
    scores: Mapping[str, float], thresholds: Mapping[str, float] | float
) -> tuple[Finding, ...]:
    """Return the scores that reach their thresholds as findings, highest first.

    A category without a threshold is left away.
    """
    reached = []
    for category, score in scores.items():
        least = thresholds if isinstance(thresholds, float) else thresholds.get(category)
        if least is not None and score >= least and score > 0:
            reached.append(Finding(check="classifier", name=category, score=min(1.0, score)))
    return tuple(sorted(reached, key=lambda f: (-f.score, f.name)))
