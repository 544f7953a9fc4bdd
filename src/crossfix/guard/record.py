"""A call as events: what was asked, what was decided, what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from crossfix.content.finding import Finding
from crossfix.events import Action, Event, event_id
from crossfix.guard.considered import Considered
from crossfix.guard.request import Request
from crossfix.guard.ruling import Ruling
from crossfix.guard.wire.ask import Answered, Ask
from crossfix.policy.from_event import attributes_of, findings_said

MOST_CHARACTERS = 200_000
"""How much of one text an event keeps."""


def prompt_event(request: Request, ask: Ask, considered: Considered, now: float) -> Event:
    """Return the event of what an account asked, with how the account stood then."""
    if considered.facts is not None:
        attributes = attributes_of(considered.facts)
    else:
        attributes = dict(request.attributes)
        attributes |= {"model": request.model, "key": request.key, "tokens_in": str(request.tokens)}
        attributes["unjudged"] = "yes"
    return _event(request, "prompt", now, joined(request.texts), attributes, urls=ask.urls)


def decision_event(
    request: Request,
    considered: Considered,
    versions: Mapping[str, int],
    now: float,
    about: Action = "prompt",
    *,
    parent: str | None = None,
) -> Event:
    """Return the event of what the guard answered, so that `policy explain` can say why.

    ``parent`` is the id of the event that it is about, if that is known already.
    """
    decision = considered.decision
    attributes = {"answer": decision.answer, "reference": decision.reference}
    if decision.reasons:
        attributes["reasons"] = " ".join(dict.fromkeys(r.code for r in decision.reasons))
    if considered.rulings:
        attributes["policies"] = _named(considered.rulings, versions)
    if considered.shadow:
        attributes["shadow"] = _named(considered.shadow, versions)
    held = (*considered.rulings, *considered.shadow)
    if evidence := {r.policy: r.evidence for r in held if r.evidence}:
        attributes["evidence"] = msgspec.json.encode(evidence).decode()
    if decision.degraded:
        attributes["degraded"] = " ".join(decision.degraded)
    name = "decision" if about == "prompt" else f"decision about {about}"
    return _event(
        request, "decision", now, None, attributes,
        parent=parent or event_id_of(request, about), name=name,
    )  # fmt: skip


def rating_event(request: Request, about: Action, found: tuple[Finding, ...], now: float) -> Event:
    """Return the event of what classifiers found in something after it was let by."""
    attributes = {
        "answer": "flag", "reasons": "content_classifier", "findings": findings_said(found),
        "model": request.model, "key": request.key, "organisation": request.organisation,
    }  # fmt: skip
    return _event(
        request, "decision", now, None, {k: v for k, v in attributes.items() if v},
        parent=event_id_of(request, about), name=f"rated {about}",
    )  # fmt: skip


def answer_event(
    request: Request,
    action: Action,
    texts: tuple[str, ...],
    answered: Answered,
    considered: Considered,
    now: float,
    *,
    parent: str | None = None,
) -> Event:
    """Return the event of what a model answered: a completion or a refusal.

    It has what policies saw of it, so that they can be tried on it later. ``parent`` is the id of
    the prompt's event, if that is known already.
    """
    attributes = {} if considered.facts is None else attributes_of(considered.facts)
    attributes["model"] = answered.model or request.model
    if answered.finish:
        attributes["finish"] = answered.finish
    if answered.tokens_in is not None:
        attributes["tokens_in"] = str(answered.tokens_in)
    if answered.tokens_out is not None:
        attributes["tokens_out"] = str(answered.tokens_out)
    return _event(
        request, action, now, joined(texts), attributes,
        parent=parent or event_id_of(request, "prompt"),
    )  # fmt: skip


def event_id_of(request: Request, name: str) -> str:
    """Return the id of one of a request's events; another account's request has others."""
    return event_id(request.service, f"{request.account}/{request.id}/{name}")


def joined(texts: tuple[str, ...]) -> str:
    """Return texts as one, no longer than an event keeps."""
    return (texts[0] if len(texts) == 1 else "\n".join(texts))[:MOST_CHARACTERS]


def _named(rulings: Iterable[Ruling], versions: Mapping[str, int]) -> str:
    names = (
        f"{r.policy}@{versions[r.policy]}" if r.policy in versions else r.policy for r in rulings
    )
    return " ".join(dict.fromkeys(names))


def _event(
    request: Request,
    action: Action,
    now: float,
    text: str | None,
    attributes: dict[str, str],
    *,
    urls: tuple[str, ...] = (),
    parent: str | None = None,
    name: str | None = None,
) -> Event:
    time = datetime.fromtimestamp(now, UTC)
    return Event(
        id=event_id_of(request, name or action), time=time, received=time,
        service=request.service, surface="ai", account=request.account, action=action,
        conversation=request.conversation, text=text, urls=urls, parent=parent,
        attributes=attributes,
    )  # fmt: skip
