"""The paths below ``/verify``, where an account shows who is behind it."""

from __future__ import annotations

from crossfix.guard.openapi.operation import Made, answer, operation, ref

_TICKET: Made = {"name": "ticket", "in": "path", "required": True, "schema": {"type": "string"},
                 "description": "what stands at the end of a challenge's link"}  # fmt: skip
_FIELD: Made = {"type": "string", "minLength": 1}
_STEPS: dict[str, tuple[str, dict[str, Made]]] = {
    "proof": ("Show a proof of work.", {"altcha": _FIELD}),
    "email": ("Have a code sent by mail.", {"address": _FIELD}),
    "code": ("Show the code that came by mail.", {"code": _FIELD}),
    "totp": ("Show a code of an authenticator app, or a recovery code.", {"code": _FIELD}),
    "totp/new": ("Begin to set up an app.", {}),
    "totp/confirm": ("Show its first code; the recovery codes come back.", {"code": _FIELD}),
    "passkey/options": ("Begin to show or set up a passkey.", {}),
    "passkey": ("Show what the device answered.", {"credential": {}}),
}
_FAULTS = (400, 403, 404, 410, 429)


def paths() -> dict[str, Made]:
    """Return the operations by path."""
    found: dict[str, Made] = {
        "/verify/{ticket}": {"get": _made(
            "ticket", "What a ticket asks for, and which ways are open.", {
                "description": "JSON for programs, a page for who accepts `text/html`.",
                "content": {"application/json": {"schema": ref("Ticket")},
                            "text/html": {"schema": {"type": "string"}}}}, (404, 410))},
    }  # fmt: skip
    for step, (summary, fields) in _STEPS.items():
        path = found.setdefault("/verify/{ticket}/" + step, {})
        name = "show_" + step.replace("/", "_")
        path["post"] = _made(name, summary, answer("Passed.", ref("Stepped")), _FAULTS, fields)
    task = answer("What to compute.", ref("Task"))
    found["/verify/{ticket}/proof"]["get"] = _made(
        "proof_task", "A proof of work to do.", task, (404, 410)
    )
    found["/verify/hooks/{provider}"] = {"post": _hook()}
    return found


def _made(
    name: str,
    summary: str,
    passed: Made,
    faults: tuple[int, ...],
    fields: dict[str, Made] | None = None,
) -> Made:
    more: Made = {"parameters": [_TICKET]}
    if fields:
        schema = {"type": "object", "required": list(fields), "properties": fields}
        kinds = ("application/json", "application/x-www-form-urlencoded")
        more["requestBody"] = {
            "required": True, "content": {kind: {"schema": schema} for kind in kinds}
        }  # fmt: skip
    return operation("verify", name, summary, {200: passed}, faults=faults, key=False, **more)


def _hook() -> Made:
    data = {"type": "object", "properties": {"reference": {"type": "string"},
                                             "account": {"type": "string"}}}  # fmt: skip
    kinds = ["account.verified", "account.unverified"]
    schema = {"type": "object", "required": ["type", "data"],
              "properties": {"type": {"enum": kinds}, "data": data}}  # fmt: skip
    signed = ("webhook-id", "webhook-timestamp", "webhook-signature")
    provider = {"name": "provider", "in": "path", "required": True, "schema": {"type": "string"}}
    headers = [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
               for name in signed]  # fmt: skip
    return operation(
        "verify", "provider_hook", "A provider says whom it verified, by a Standard Webhook.",
        {200: answer("It is taken in.", ref("Hooked"))}, faults=(400, 401, 404), key=False,
        parameters=[provider, *headers],
        requestBody={"required": True, "content": {"application/json": {"schema": schema}}},
    )  # fmt: skip
