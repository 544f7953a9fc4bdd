"""Codes by e-mail: sent to an address that is not kept, and checked by their hash."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from crossfix.config.sealing import keyed_hash
from crossfix.errors import OutsideError
from crossfix.guard.verify.addresses import address_of, disposable
from crossfix.guard.verify.answers import text_of
from crossfix.guard.verify.languages import texts
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.verification import HOUR, Verification, Visit

DIGITS = 8
LASTS_SECONDS = 600.0
TRIES = 5
_PER_TICKET, _PER_ACCOUNT, _PER_BOX, _PER_DOMAIN = 3, 6, 5, 200
_MOST_WAITING = 200

log = logging.getLogger("crossfix.verify")


class Sends(Protocol):
    """What hands over mail."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand over one message."""


class EmailCodes:
    """Sends codes and checks them.

    Nothing in an answer, nor how long it takes, tells whether an address exists, whether the
    server took the message, or which accounts the address has verified.

    Args:
        verification: what all ways share.
        mailer: hands over mail.
        name: the application as people know it.
        chance: makes numbers below another by chance.
    """

    def __init__(
        self,
        verification: Verification,
        mailer: Sends,
        name: str,
        chance: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._verification = verification
        self._mailer = mailer
        self._name = name
        self._chance = chance
        self._post = ThreadPoolExecutor(2, "verify-mail")
        self._waiting = 0

    def send(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Send a code to an address."""
        from crossfix.store.registry import Cap

        verification, settings = self._verification, self._verification.settings
        address = address_of(text_of(given, "address", 320))
        if address is None or disposable(
            address.domain, settings.blocked_domains, settings.allowed_domains
        ):
            raise RefusedError("address_unusable")
        account, box = visit.ticket.account, self._hash("address", address.box)
        verification.count_try(
            visit, "mail",
            Cap(f"mails:ticket:{visit.ticket.id}", _PER_TICKET, HOUR),
            Cap(verification.holder("mails:account", account), _PER_ACCOUNT, HOUR),
            Cap(f"mails:box:{box[:32]}", _PER_BOX, HOUR),
            Cap(verification.holder("mails:domain", address.domain), _PER_DOMAIN, HOUR),
        )  # fmt: skip
        code = f"{self._chance(10**DIGITS):0{DIGITS}d}"
        entry = {"box": box, "domain": address.domain, "code": self._code(visit, code),
                 "until": visit.now + LASTS_SECONDS, "tries": 0}  # fmt: skip
        verification.remember(visit, lambda document: {**document, "email": entry})
        said = texts(language)
        if self._full(account, box):
            subject, text = said["mail_full_subject"], said["mail_full_text"]
        else:
            subject, text = said["mail_subject"], said["mail_text"]
        self._later(
            address.text,
            subject.format(code=code, name=self._name),
            text.format(code=code, name=self._name),
        )
        return {"said": "email_sent", "reached": False}

    def check(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        """Check a code and, if it is right, remember whose address it is."""
        code = text_of(given, "code", 64).replace(" ", "").replace("-", "")
        verification = self._verification
        verification.count_try(visit, "code")
        hashed = self._code(visit, code)
        entry: dict[str, Any] = {}

        def tried(document: dict[str, Any]) -> dict[str, Any]:
            entry.update(document.pop("email", None) or {})
            if not entry or entry["tries"] >= TRIES or visit.now >= entry["until"]:
                entry.clear()
                return document
            entry["tries"] += 1
            entry["right"] = hmac.compare_digest(entry["code"], hashed)
            return document if entry["right"] else {**document, "email": _without_right(entry)}

        verification.remember(visit, tried)
        account = visit.ticket.account
        if not entry.get("right") or self._full(account, entry["box"]):
            raise RefusedError("wrong")
        self._keep(visit, entry["box"])
        reached = verification.passed(visit, "email", "email", {"email_domain": entry["domain"]})
        return {"tier": "email", "reached": reached, "said": "step_about"}

    def close(self) -> None:
        """Wait for the messages that are under way; what waits for a slow server is not sent."""
        self._post.shutdown(cancel_futures=True)

    def _keep(self, visit: Visit, box: str) -> None:
        from crossfix.store.registry import StoredFactor

        account = visit.ticket.account
        factor = StoredFactor(
            id=f"email:{self._hash('email factor', f'{account} {box}')[:32]}", account=account,
            kind="email", handle=box, made=visit.moment, used=visit.moment,
        )  # fmt: skip
        self._verification.factors.add([factor])

    def _full(self, account: str, box: str) -> bool:
        others = self._verification.factors.holders("email", box) - {account}
        return len(others) >= self._verification.settings.accounts_per_address

    def _later(self, to: str, subject: str, text: str) -> None:
        if self._waiting >= _MOST_WAITING:
            log.warning("a code was not sent: too many messages wait for the mail server")
            return
        self._waiting += 1
        self._post.submit(self._handed_over, to, subject, text)

    def _handed_over(self, to: str, subject: str, text: str) -> None:
        try:
            self._mailer.send(to, subject, text)
        except OutsideError as e:
            log.warning("a code was not sent: %s", e.message)
        finally:
            self._waiting -= 1

    def _code(self, visit: Visit, code: str) -> str:
        return self._hash("email code", f"{visit.ticket.id} {code}")

    def _hash(self, purpose: str, value: str) -> str:
        return keyed_hash(self._verification.secret, purpose, value)


def _without_right(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "right"}
