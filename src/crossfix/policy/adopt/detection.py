"""The detection of a Sigma rule: its selections and condition in our words."""

from __future__ import annotations

import re
from typing import Any

from crossfix.events.attributes import RESERVED
from crossfix.events.event import ACTIONS
from crossfix.policy.adopt.boolean import NotExpressibleError, Part, every, some, translated
from crossfix.policy.vocabulary import FIELDS, TEXTS

_FIELDS = {
    "user": "account", "username": "account", "user.name": "account", "user.id": "account",
    "targetusername": "account", "subjectusername": "account", "userid": "account",
    "account_id": "account", "actor": "account",
    "src_ip": "ip", "source.ip": "ip", "sourceip": "ip", "ipaddress": "ip", "client_ip": "ip",
    "c-ip": "ip", "clientip": "ip", "ip_address": "ip",
    "prompt": "text", "message": "text", "content": "text", "input": "text", "completion": "text",
    "output": "text", "body": "text", "gen_ai.prompt": "text",
    "gen_ai.request.model": "model", "gen_ai.response.model": "model", "model_name": "model",
    "useragent": "user_agent", "user_agent.original": "user_agent", "c-useragent": "user_agent",
    "api_key": "key", "apikey": "key", "tenant": "organisation", "org": "organisation",
    "organization": "organisation", "session": "conversation", "sessionid": "conversation",
    "session_id": "conversation", "event.action": "action", "eventtype": "action",
    "event_type": "action", "operation": "action", "sc-status": "status", "cs-method": "method",
    "cs-referer": "referrer", "device_id": "device", "device.id": "device", "ja4": "tls",
    "tokens_total": "tokens", "lang": "language",
}  # fmt: skip
_CATEGORIES = {"authentication": "login", "login": "login", "webserver": "visit",
               "web": "visit", "proxy": "visit"}  # fmt: skip
_NUMBERS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_KNOWN = {"contains", "startswith", "endswith", "re", "all", "i", "windash"} | _NUMBERS.keys()


def field_of(name: str) -> str | None:
    """Return what one of our events calls a field of Sigma, ``None`` where it has no such."""
    lower = name.lower()
    found = _FIELDS.get(lower, lower)
    known = found in FIELDS or found in RESERVED or found in TEXTS or found == "ip_block"
    return found if known else None


def action_of(rule: dict[str, Any]) -> set[str]:
    """Return the actions that a rule is about, as far as it says so; empty for any."""
    category = str((rule.get("logsource") or {}).get("category", "")).lower()
    if category in ACTIONS:
        return {category}
    return {_CATEGORIES[category]} if category in _CATEGORIES else set()


def detected(rule: dict[str, Any]) -> Part:
    """Return the detection of a rule as a condition on one event.

    Raises:
        NotExpressibleError: a field, a modifier or the condition has no like among our words.
    """
    detection = rule.get("detection")
    if not isinstance(detection, dict) or "condition" not in detection:
        raise NotExpressibleError("the rule has no detection with a condition")
    selections = {
        str(name): _selection(value)
        for name, value in detection.items()
        if name not in ("condition", "timeframe")
    }
    conditions = detection["condition"]
    listed = conditions if isinstance(conditions, list) else [conditions]

    def resolve(name: str) -> Part | list[Part]:
        if name.lower() == "them":
            return list(selections.values())
        if name.endswith("*"):
            return [s for n, s in selections.items() if n.startswith(name[:-1])]
        if name not in selections:
            raise NotExpressibleError(f"the condition names {name!r}, which is not there")
        return selections[name]

    return some([translated(str(one), resolve) for one in listed])


def _selection(value: Any) -> Part:
    if isinstance(value, dict):
        return every([_field(str(key), given) for key, given in value.items()])
    if isinstance(value, list):
        if all(isinstance(one, dict) for one in value):
            return some([_selection(one) for one in value])
        return some([_matching("text", _pattern(one, "contains")) for one in value])
    return _matching("text", _pattern(value, "contains"))


def _field(key: str, given: Any) -> Part:
    name, *modifiers = key.split("|")
    unknown = [m for m in modifiers if m.lower() not in _KNOWN]
    if unknown:
        raise NotExpressibleError(f"the modifier {unknown[0]} of {name} cannot be said")
    field = field_of(name)
    if field is None:
        raise NotExpressibleError(f"events have no field {name!r}")
    values = given if isinstance(given, list) else [given]
    signs = [_NUMBERS[m] for m in modifiers if m in _NUMBERS]
    parts = [_value(field, value, modifiers, signs) for value in values]
    return every(parts) if "all" in modifiers else some(parts)


def _value(field: str, value: Any, modifiers: list[str], signs: list[str]) -> Part:
    number = FIELDS[field].type == "number" if field in FIELDS else False
    if signs or number:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotExpressibleError(f"{field} is compared with {value!r}, which is no number")
        asked = field if number else f"amount({field!r})"
        return f"{asked} {signs[0] if signs else '=='} {value}"
    if field in FIELDS and FIELDS[field].type == "set":
        return f"{str(value)!r} in {field}"
    if value is None or value == "":
        return f"{_named(field)} == ''" if field != "text" else "length == 0"
    if field in FIELDS and FIELDS[field].choices:
        if str(value) not in FIELDS[field].choices:
            raise NotExpressibleError(f"{field} is never {value!r}")
        return f"{field} == {str(value)!r}"
    how = next((m for m in modifiers if m in ("contains", "startswith", "endswith", "re")), "")
    if field not in TEXTS:
        if how or "*" in str(value):
            raise NotExpressibleError(f"{field} is not searched")
        return f"{_named(field)} == {str(value)!r}"
    return _matching(field, _pattern(value, how))


def _named(field: str) -> str:
    return field if field in FIELDS else f"attribute({field!r})"


def _pattern(value: Any, how: str) -> str:
    """Return the RE2 pattern of a value, whose ``*`` and ``?`` stand for any characters."""
    text = str(value)
    if how == "re":
        return text
    pieces = re.split(r"(\\[*?\\]|\*|\?)", text)
    wild = {"*": ".*", "?": "."}
    body = "".join(
        wild.get(p, re.escape(p[1:] if re.fullmatch(r"\\[*?\\]", p) else p)) for p in pieces
    )
    start = "" if how in ("contains", "endswith") else "^"
    end = "" if how in ("contains", "startswith") else "$"
    return f"(?s){start}{body}{end}"


def _matching(field: str, pattern: str) -> str:
    of = "" if field == "text" else f", of={field!r}"
    plain = pattern.removeprefix("(?s)")
    # The flag is for what stands for any character: without such it says nothing.
    return f"matches({(pattern if '.*' in plain else plain)!r}{of})"
