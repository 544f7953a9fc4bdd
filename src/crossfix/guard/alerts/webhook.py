"""Alerts by webhook, signed as Standard Webhooks has it, or in the format of Slack."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from crossfix.errors import SettingError
from crossfix.guard.alerts.alert import Alert, heading, lines, payload
from crossfix.guard.alerts.desk import UndeliverableError

SECONDS = 10.0
LEAST_SECRET_BYTES = 24
_AGAIN = frozenset({408, 409, 425, 429})

Format = Literal["standard", "slack"]


class Webhook:
    """An address that alerts are posted to.

    Args:
        name: for the metrics and the journal.
        url: where to; redirects are not followed.
        format: ``standard`` or ``slack``, which Mattermost and others take as well.
        secret: the bytes that ``standard`` signs with.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        name: str,
        url: str,
        clock: Callable[[], float],
        *,
        format: Format = "standard",
        secret: bytes | None = None,
    ) -> None:
        self.name = name
        self._url = url
        self._clock = clock
        self._format = format
        self._secret = secret

    async def send(self, alert: Alert) -> None:
        """Post an alert.

        Raises:
            UndeliverableError: it was not taken; finally where the receiver says so (4xx).
        """
        import aiohttp

        body = msgspec.json.encode(payload(alert) if self._format == "standard" else slack(alert))
        headers = {"content-type": "application/json", "user-agent": "crossfix"}
        if self._format == "standard":
            headers |= self._signed(alert, body)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as got,
            ):
                status = got.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as e:
            raise UndeliverableError(f"{type(e).__name__}: {e}") from e
        if not 200 <= status < 300:
            final = 300 <= status < 500 and status not in _AGAIN
            raise UndeliverableError(f"the receiver answered {status}", final=final)

    def _signed(self, alert: Alert, body: bytes) -> dict[str, str]:
        # One id for all attempts: a receiver that took the first knows the second by it.
        said = f"{alert.kind}\x1f{alert.subject}\x1f{alert.time}\x1f{alert.count}"
        id = "msg_" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:26]
        time = int(self._clock())
        headers = {"webhook-id": id, "webhook-timestamp": str(time)}
        if self._secret is not None:
            headers["webhook-signature"] = sign(self._secret, id, time, body)
        return headers


def sign(secret: bytes, id: str, time: int, body: bytes) -> str:
    """Return the signature of a message as Standard Webhooks has it, version 1."""
    said = f"{id}.{time}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, said, hashlib.sha256).digest()).decode()


def secret_of(text: str, name: str) -> bytes:
    """Return the bytes of a secret written as ``whsec_`` and base64.

    Raises:
        SettingError: it is none, or too short.
    """
    try:
        found = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) < LEAST_SECRET_BYTES or not text.startswith("whsec_"):
        raise SettingError(
            f"The variable {name} must hold whsec_ and {LEAST_SECRET_BYTES} or more bytes in "
            "base64.",
            hint=f"Take: {new_secret()}",
        )
    return found


def new_secret() -> str:
    """Return a new secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def slack(alert: Alert) -> dict[str, Any]:
    """Return an alert for Slack's incoming webhooks; nothing in it is a mention or a link."""
    text = "\n".join([f"*{_plain(heading(alert))}*", *map(_plain, lines(alert))])
    return {"text": text, "unfurl_links": False, "unfurl_media": False, "link_names": 0}


def _plain(text: str) -> str:
    for sign_, said in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign_, said)
    # A zero-width space keeps a name from being marked up.
    return text.replace("*", "∗").replace("`", "'").replace("@", "@\u200b")
