"""Passkeys (WebAuthn): set up and used, with the person behind the device confirmed."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from crossfix.config.sealing import keyed_hash
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.verification import Verification, Visit

LASTS_SECONDS = 300.0
_CHALLENGE_BYTES = 32
_MOST_CREDENTIAL = 32_768


class Passkeys:
    """Passkeys of accounts.

    Args:
        verification: what all ways share.
        enrol: the tier below which none is set up.
        name: the application as people know it.
        address: where the gateway is reached from outside; passkeys belong to its host.
        random: makes bytes by chance.
    """

    def __init__(
        self,
        verification: Verification,
        enrol: str,
        name: str,
        address: Callable[[], str],
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._verification = verification
        self._enrol = enrol
        self._name = name
        self._address = address
        self._random = random

    def options(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Return what the browser asks the device for: one of the account's passkeys, or a new."""
        verification, account = self._verification, visit.ticket.account
        verification.count_try(visit, "passkey")
        known = verification.factors.of(account, "passkey")
        if not known:
            self._may_begin(visit)
        challenge = self._random(_CHALLENGE_BYTES)
        entry = {"challenge": b64encode(challenge).decode(), "make": not known,
                 "until": visit.now + LASTS_SECONDS}  # fmt: skip
        verification.remember(visit, lambda document: {**document, "passkey": entry})
        if known:
            options: Any = webauthn.generate_authentication_options(
                rp_id=self._host(), challenge=challenge,
                allow_credentials=[
                    PublicKeyCredentialDescriptor(id=bytes.fromhex(f.handle)) for f in known
                ],
                user_verification=UserVerificationRequirement.REQUIRED,
            )  # fmt: skip
        else:
            user = keyed_hash(verification.secret, "passkey user", account)
            options = webauthn.generate_registration_options(
                rp_id=self._host(), rp_name=self._name, user_name=self._name,
                user_id=bytes.fromhex(user), challenge=challenge,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.PREFERRED,
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
            )  # fmt: skip
        shown = json.loads(webauthn.options_to_json(options))
        return {"options": shown, "make": not known, "reached": False}

    def check(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Check what the device answered."""
        credential = _credential(given)
        verification = self._verification
        verification.count_try(visit, "code")
        entry: dict[str, Any] = {}

        def taken(document: dict[str, Any]) -> dict[str, Any]:
            entry.update(document.pop("passkey", None) or {})  # a challenge serves once
            return document

        verification.remember(visit, taken)
        if not entry or visit.now >= entry["until"]:
            raise RefusedError("wrong")
        challenge = b64decode(entry["challenge"])
        try:
            if entry["make"]:
                self._keep(visit, credential, challenge)
            else:
                self._use(visit, credential, challenge)
        except (WebAuthnException, ValueError, KeyError, TypeError) as e:
            raise RefusedError("wrong") from e
        reached = verification.passed(visit, "code", "passkey")
        return {"tier": "code", "reached": reached, "said": "step_about"}

    def _keep(self, visit: Visit, credential: dict[str, Any], challenge: bytes) -> None:
        from crossfix.store.registry import StoredFactor

        self._may_begin(visit)
        made = webauthn.verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=self._host(),
            expected_origin=self._origin(), require_user_verification=True,
        )  # fmt: skip
        handle = made.credential_id.hex()
        if self._verification.factors.holders("passkey", handle):
            raise RefusedError("wrong")  # it is another account's
        factor = StoredFactor(
            id=f"passkey:{handle}", account=visit.ticket.account, kind="passkey", handle=handle,
            made=visit.moment, secret=made.credential_public_key, counter=made.sign_count,
            used=visit.moment,
        )  # fmt: skip
        self._verification.factors.add([factor])

    def _use(self, visit: Visit, credential: dict[str, Any], challenge: bytes) -> None:
        factors = self._verification.factors
        known = {
            bytes_to_base64url(bytes.fromhex(f.handle)): f
            for f in factors.of(visit.ticket.account, "passkey")
        }
        factor = known.get(str(credential.get("id")))
        if factor is None:
            raise RefusedError("wrong")
        used = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=self._host(),
            expected_origin=self._origin(), credential_public_key=factor.secret or b"",
            credential_current_sign_count=factor.counter, require_user_verification=True,
        )  # fmt: skip
        if used.new_sign_count == 0:  # passkeys that wander between devices count nothing
            factors.touch(factor.id, visit.moment)
        elif not factors.advance(factor.id, used.new_sign_count, visit.moment):
            raise RefusedError("wrong")  # a copy of it signed meanwhile

    def _may_begin(self, visit: Visit) -> None:
        account = visit.ticket.account
        if self._verification.factors.of(account, "totp", "passkey"):
            raise RefusedError("unavailable")
        if not self._verification.may_enrol(account, self._enrol, visit.now):
            raise RefusedError("tier_first")

    def _host(self) -> str:
        return urlsplit(self._address()).hostname or "localhost"

    def _origin(self) -> str:
        parts = urlsplit(self._address())
        return f"{parts.scheme}://{parts.netloc}"


def _credential(given: Mapping[str, Any]) -> dict[str, Any]:
    value = given.get("credential")
    if isinstance(value, str) and len(value) <= _MOST_CREDENTIAL:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        raise RefusedError("malformed")
    return value
