"""The guard's own checks in the shape of ``/v1/moderations``, where no upstream has that path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crossfix.content.finding import Finding
from crossfix.guard.decision import Decision
from crossfix.guard.refuse import shown

CATEGORIES = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit",
    "illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent", "sexual",
    "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip

FLAGGED_FROM = 0.5
MODEL = "crossfix"


def moderation(id: str, found: Iterable[Iterable[Finding]], decision: Decision) -> dict[str, Any]:
    """Return the body of an answer: one result for each text, from what was found in it.

    A category has the highest score that a classifier gave it. What is no category there (a
    secret, an indicator) flags a text all the same; the decision stands under ``guard``.
    """
    return {
        "id": f"modr-{id}",
        "model": MODEL,
        "results": [_result(list(findings)) for findings in found],
        "guard": shown(decision),
    }


def _result(findings: list[Finding]) -> dict[str, Any]:
    scores = dict.fromkeys(CATEGORIES, 0.0)
    other = False
    for one in findings:
        if one.name in scores:
            scores[one.name] = max(scores[one.name], one.score)
        else:
            other = other or (one.check != "classifier" and one.score >= FLAGGED_FROM)
    categories = {name: score >= FLAGGED_FROM for name, score in scores.items()}
    return {
        "flagged": other or any(categories.values()),
        "categories": categories,
        "category_scores": scores,
        "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
    }
