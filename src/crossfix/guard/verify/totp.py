"""Authenticator apps: set up, checked, and replaced by recovery codes where they are lost."""

from __future__ import annotations

import os
from base64 import b32encode, b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

from crossfix.config.sealing import NONCE_BYTES, Seal, derived, keyed_hash
from crossfix.guard.verify import one_time
from crossfix.guard.verify.answers import text_of
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.verification import Verification, Visit

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10


class Totp:
    """Authenticator apps of accounts. A seed is sealed at rest and bound to its account.

    Args:
        verification: what all ways share.
        enrol: the tier below which none is set up.
        name: the application as people know it.
        random: makes bytes by chance.
    """

    def __init__(
        self,
        verification: Verification,
        enrol: str,
        name: str,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._verification = verification
        self._enrol = enrol
        self._name = name
        self._random = random
        self._seal = Seal(derived(verification.secret, "totp seeds"))

    def begin(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Make a seed, to be confirmed by a first code."""
        self._may_begin(visit)
        self._verification.count_try(visit, "enrol")
        account = visit.ticket.account.encode("utf-8", "replace")
        sealed = self._seal.close(
            self._random(one_time.SECRET_BYTES), self._random(NONCE_BYTES), account
        )
        kept = b64encode(sealed).decode()
        document = self._verification.remember(visit, lambda d: {**d, "totp": kept})
        return {"reached": False, "said": None, **self.shows(visit, document)}

    def shows(self, visit: Visit, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the page shows of a seed that waits to be confirmed."""
        secret = self._waiting(visit, document)
        if secret is None:
            return {}
        link = one_time.link(secret, self._name, self._name)
        return {"key": one_time.shown_secret(secret), "link": link,
                "picture": one_time.picture(link)}  # fmt: skip

    def confirm(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Keep a seed that the app has, with new recovery codes."""
        from crossfix.store.registry import StoredFactor

        code = text_of(given, "code", 64).replace(" ", "")
        self._may_begin(visit)
        self._verification.count_try(visit, "code")
        secret = self._waiting(visit, self._verification.state(visit).document)
        step = None if secret is None else one_time.step_of(secret, code, visit.now)
        if secret is None or step is None:
            raise RefusedError("wrong")
        account = visit.ticket.account
        sealed = self._seal.close(
            secret, self._random(NONCE_BYTES), account.encode("utf-8", "replace")
        )
        codes = [self._recovery() for _ in range(RECOVERY_CODES)]
        made = visit.moment
        factors = [
            StoredFactor(id="totp:" + self._random(12).hex(), account=account, kind="totp",
                         handle="", made=made, secret=sealed, counter=step, used=made),
            *(StoredFactor(id="recovery:" + self._handle(account, code), account=account,
                           kind="recovery", handle="", made=made) for code in codes),
        ]  # fmt: skip
        self._verification.factors.add(factors, instead=("totp", "recovery"))
        reached = self._verification.passed(visit, "code", "totp")
        return {"tier": "code", "reached": reached, "said": "step_about", "recovery": codes}

    def check(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Check a code of the app, or a recovery code; each serves once."""
        code = text_of(given, "code", 64).replace(" ", "").replace("-", "")
        self._verification.count_try(visit, "code")
        how = self._checked(visit, code)
        if how is None:
            raise RefusedError("wrong")
        reached = self._verification.passed(visit, "code", how)
        return {"tier": "code", "reached": reached, "said": "step_about"}

    def _checked(self, visit: Visit, code: str) -> str | None:
        account, factors = visit.ticket.account, self._verification.factors
        for factor in factors.of(account, "totp"):
            seed = self._seal.open(factor.secret or b"", account.encode("utf-8", "replace"))
            step = None if seed is None else one_time.step_of(seed, code, visit.now)
            if step is not None and factors.advance(factor.id, step, visit.moment):
                return "totp"
        if factors.take("recovery:" + self._handle(account, code.upper())):
            return "recovery"
        return None

    def _may_begin(self, visit: Visit) -> None:
        account = visit.ticket.account
        if self._verification.factors.of(account, "totp", "passkey"):
            raise RefusedError("unavailable")  # who has one shows it, and replaces nothing
        if not self._verification.may_enrol(account, self._enrol, visit.now):
            raise RefusedError("tier_first")

    def _waiting(self, visit: Visit, document: Mapping[str, Any]) -> bytes | None:
        kept = document.get("totp")
        if kept is None:
            return None
        return self._seal.open(b64decode(kept), visit.ticket.account.encode("utf-8", "replace"))

    def _recovery(self) -> str:
        text = b32encode(self._random(_RECOVERY_BYTES)).decode()
        return "-".join(text[n : n + 4] for n in range(0, len(text), 4))

    def _handle(self, account: str, code: str) -> str:
        plain = code.replace("-", "")
        return keyed_hash(self._verification.secret, "recovery code", f"{account} {plain}")
