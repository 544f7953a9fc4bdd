"""Why an account got what it got: from the decisions that the guard left in the event log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from crossfix.events.event import Event
from crossfix.policy.policy import Policy


@dataclass(frozen=True)
class Why:
    """One policy that held, as far as it is still known.

    ``version`` is the one that held; ``now`` the one that stands there today, ``None`` where the
    policy is gone.
    """

    policy: str
    version: int | None
    now: int | None
    title: str
    text: str
    evidence: dict[str, str]
    shadow: bool = False


@dataclass(frozen=True)
class Explanation:
    """One decision with its reasons, ``codes`` those of the guard itself."""

    reference: str
    account: str
    time: datetime
    answer: str
    codes: tuple[str, ...] = ()
    policies: tuple[Why, ...] = field(default_factory=tuple)
    degraded: tuple[str, ...] = ()


def explain(
    decisions: Iterable[Event], policies: Sequence[Policy], asked: str, language: str = "en"
) -> list[Explanation]:
    """Return the decisions with a reference, or about an account, the newest first.

    Of an account, requests that were simply allowed are left out.
    """
    known = {policy.id: policy for policy in policies}
    found = []
    for event in decisions:
        if event.action != "decision":
            continue
        reference = event.attributes.get("reference", "")
        about = event.account == asked and event.attributes.get("answer") != "allow"
        if about or reference == asked:
            found.append(_explained(event, known, language))
    return sorted(found, key=lambda e: (e.time, e.reference), reverse=True)


def _explained(event: Event, known: Mapping[str, Policy], language: str) -> Explanation:
    given = event.attributes
    evidence = _evidence(given.get("evidence", ""))
    policies = [
        _why(name, known, evidence, language, shadow=key == "shadow")
        for key in ("policies", "shadow")
        for name in given.get(key, "").split()
    ]
    return Explanation(
        reference=given.get("reference", ""),
        account=event.account,
        time=event.received,
        answer=given.get("answer", ""),
        codes=tuple(code for code in given.get("reasons", "").split() if code != "policy"),
        policies=tuple(policies),
        degraded=tuple(given.get("degraded", "").split()),
    )


def _why(
    name: str,
    known: Mapping[str, Policy],
    evidence: Mapping[str, dict[str, str]],
    language: str,
    *,
    shadow: bool,
) -> Why:
    id, _, version = name.partition("@")
    policy = known.get(id)
    text = ""
    if policy is not None:
        text = policy.text.get(language) or policy.text.get("en") or policy.title
    return Why(
        policy=id,
        version=int(version) if version.isdigit() else None,
        now=policy.version if policy else None,
        title=policy.title if policy else "",
        text=text,
        evidence=evidence.get(id, {}),
        shadow=shadow,
    )


def _evidence(text: str) -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = msgspec.json.decode(
            text or "{}", type=dict[str, dict[str, str]]
        )
    except msgspec.MsgspecError:
        return {}
    return found
