"""Events as the Open Cybersecurity Schema Framework has them, version 1.8."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from crossfix.events.event import Event

VERSION = "1.8.0"
CLASSES = {"api_activity": 6003, "authentication": 3002, "account_change": 3001,
           "detection_finding": 2004, "web_resources_activity": 6001}  # fmt: skip

_CATEGORY = {6003: 6, 6001: 6, 3002: 3, 3001: 3, 2004: 2}
_OTHER = 99
_AI = ("prompt", "completion", "refusal", "tool_call")
_SEVERITY = {"allow": 1, "flag": 2, "throttle": 3, "challenge": 3, "block": 4}
_LOGGED_IN, _CREATED = 1, 1
_ALLOWED, _DENIED = 1, 2
_DISPOSITION = {"allow": 1, "flag": 1, "throttle": 2, "challenge": 2, "block": 2}


def ocsf_of(event: Event, *, content: bool = False, version: str = "") -> dict[str, Any]:
    """Return an event as one of OCSF.

    Prompts, completions, refusals and tool calls are API Activity with the profile
    ``ai_operation``; logins are Authentication, signups Account Change, decisions that are more
    than an allow Detection Findings; all else is API Activity of its own name. With ``content``
    the text stands under ``unmapped``.
    """
    if event.action == "login":
        made = _base(event, "authentication", _LOGGED_IN, version) | {
            "user": _user(event), "service": {"name": event.service}, "status_id": 1,
        }  # fmt: skip
        if endpoint := _endpoint(event):
            made["src_endpoint"] = endpoint
    elif event.action == "signup":
        made = _base(event, "account_change", _CREATED, version) | {"user": _user(event)}
        if endpoint := _endpoint(event):
            made["src_endpoint"] = endpoint
    elif event.action == "decision" and event.attributes.get("answer", "allow") != "allow":
        made = _finding(event, version)
    else:
        made = _activity(event, version)
    unmapped = _unmapped(event, content=content)
    return made | ({"unmapped": unmapped} if unmapped else {})


def _base(event: Event, name: str, activity: int, version: str) -> dict[str, Any]:
    number = CLASSES[name]
    received = round(event.received.timestamp() * 1_000)
    return {
        "metadata": {
            "version": VERSION,
            "product": {"name": "crossfix", "vendor_name": "crossfix"}
            | ({"version": version} if version else {}),
            "uid": event.id,
            "logged_time": received,
        },
        "category_uid": _CATEGORY[number],
        "class_uid": number,
        "activity_id": activity,
        "type_uid": number * 100 + activity,
        "severity_id": 1,
        "time": round(event.time.timestamp() * 1_000),
    }


def _activity(event: Event, version: str) -> dict[str, Any]:
    made = _base(event, "api_activity", _CREATED if event.action in _AI else _OTHER, version)
    if made["activity_id"] == _OTHER:
        made["activity_name"] = event.action
    made |= {
        "actor": {"user": _user(event)},
        "api": {"operation": event.action, "service": {"name": event.service}},
        "src_endpoint": _endpoint(event) or {"name": "unknown"},
    }
    if event.action == "refusal":
        made |= {"status_id": 2, "status_detail": event.attributes.get("finish", "refused")}
    if event.action in _AI:
        made["metadata"]["profiles"] = ["ai_operation"]
        made["ai_model"] = {
            "name": event.attributes.get("model") or "unknown", "ai_provider": event.service,
        }  # fmt: skip
        made["message_context"] = _context(event)
    return made


def _context(event: Event) -> dict[str, Any]:
    context: dict[str, Any] = {
        "service": {"name": event.service},
        "ai_role_id": {"prompt": 1, "tool_call": 3}.get(event.action, 2),
    }
    if event.conversation:
        context["uid"] = event.conversation
    for name, theirs in (("tokens_in", "prompt_tokens"), ("tokens_out", "completion_tokens")):
        said = event.attributes.get(name, "")
        if said.isascii() and said.isdigit() and len(said) < 10:
            context[theirs] = int(said)
    return context


def _finding(event: Event, version: str) -> dict[str, Any]:
    given = event.attributes
    answer = given.get("answer", "")
    policies = given.get("policies", "").split()
    made = _base(event, "detection_finding", _CREATED, version)
    denied = answer in ("throttle", "challenge", "block")
    return made | {
        "metadata": made["metadata"] | {"profiles": ["security_control"]},
        "severity_id": _SEVERITY.get(answer, 1),
        "finding_info": {
            "uid": given.get("reference") or event.id,
            "title": f"{answer}: {' '.join(policies) or given.get('reasons', '')}"[:500],
            "types": sorted(set(given.get("reasons", "").split())),
            "related_events": [{"uid": event.parent}] if event.parent else [],
            "analytic": {
                "name": policies[0] if policies else "crossfix guard", "type_id": 1,
            },
        },
        "evidences": [{"actor": {"user": _user(event)}}],
        "action_id": _DENIED if denied else _ALLOWED,
        "disposition_id": _DISPOSITION.get(answer, 0),
        "status_id": 1,
    }  # fmt: skip


def _user(event: Event) -> dict[str, Any]:
    user: dict[str, Any] = {"uid": event.account}
    if name := event.attributes.get("display_name"):
        user["name"] = name
    return user


def _endpoint(event: Event) -> dict[str, Any] | None:
    try:
        return {"ip": str(ipaddress.ip_address(event.attributes.get("ip", "")))}
    except ValueError:
        return None


def _unmapped(event: Event, *, content: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: value for name, value in event.attributes.items() if name not in ("ip", "model")
    }
    if content and event.text:
        found["text"] = event.text
    if event.parent:
        found["parent"] = event.parent
    return json.loads(json.dumps(found)) if found else {}
