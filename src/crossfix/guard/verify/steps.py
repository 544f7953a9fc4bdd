"""Every step that somebody with a ticket can take, by the path that it is taken at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from crossfix.guard.verify.answers import text_of
from crossfix.guard.verify.email_code import EmailCodes
from crossfix.guard.verify.passkey import Passkeys
from crossfix.guard.verify.proof import MOST_PAYLOAD, Proofs
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.ticket import Tickets
from crossfix.guard.verify.totp import Totp
from crossfix.guard.verify.verification import Verification, Visit
from crossfix.guard.verify.ways import Given, Way, open_ways
from crossfix.guard.verify.webhook import Provider

Step = Callable[[Visit, Mapping[str, Any], str], dict[str, Any]]
"""Takes a visit, what was sent, and a language; returns what the answer says."""


class Steps:
    """The steps of verification; they wait for the registry, so they run beside the loop.

    Args:
        verification: what all ways share.
        enrol: the tier below which no factor is set up.
        proofs, codes, totp, passkeys: the ways; ``codes`` is missing where no mail can be sent.
        providers: the external providers.
        references: issues what a provider gives back of an account.
    """

    def __init__(
        self,
        verification: Verification,
        enrol: str,
        proofs: Proofs,
        codes: EmailCodes | None,
        totp: Totp,
        passkeys: Passkeys,
        providers: Mapping[str, Provider],
        references: Tickets,
    ) -> None:
        self._verification = verification
        self._enrol = enrol
        self._proofs = proofs
        self._codes = codes
        self._totp = totp
        self._passkeys = passkeys
        self._providers = {n: p for n, p in providers.items() if p.link is not None}
        self._references = references

    def close(self) -> None:
        """Let go of what sends mail, and of the registry."""
        if self._codes is not None:
            self._codes.close()
        self._verification.close()

    def posts(self) -> dict[str, Step]:
        """Return the steps by their paths below that of the ticket."""
        codes = self._codes
        return {
            "email": _unavailable if codes is None else codes.send,
            "code": _unavailable if codes is None else codes.check,
            "proof": self._proof,
            "totp": self._totp.check,
            "totp/new": self._totp.begin,
            "totp/confirm": self._totp.confirm,
            "passkey": self._passkeys.check,
            "passkey/options": self._passkeys.options,
        }

    def shown(self, visit: Visit) -> dict[str, Any]:
        """Return what a visitor can do now.

        Raises:
            RefusedError: the ticket is spent.
        """
        document = self._verification.state(visit).document
        account = visit.ticket.account
        has, _ = self._verification.raising.standing(account, visit.now)
        factors = self._verification.factors.of(account, "totp", "passkey")
        ways = open_ways(
            Given(
                has=has, needs=visit.ticket.tier, enrol=self._enrol,
                factors={f.kind for f in factors}, mail=self._codes is not None,
                providers={name: p.tier for name, p in self._providers.items()},
            )
        )  # fmt: skip
        return {"has": has, "ways": [self._with_state(way, visit, document) for way in ways]}

    def challenge(self, visit: Visit) -> dict[str, Any]:
        """Return a task for a proof of work, and how many tries it takes at most."""
        self._verification.state(visit)
        _, risk = self._verification.raising.standing(visit.ticket.account, visit.now)
        return self._proofs.challenge(visit.ticket.id, risk, visit.now)

    def _with_state(self, way: Way, visit: Visit, document: Mapping[str, Any]) -> Way:
        shows = dict(way.shows)
        if way.way == "email":
            entry = document.get("email")
            shows["sent"] = bool(entry and visit.now < entry["until"])
        elif way.way == "totp_new":
            shows |= self._totp.shows(visit, document)
        elif way.way == "external":
            link = self._providers[shows["provider"]].link or ""
            reference = self._references.issue(visit.ticket.account, visit.ticket.tier, visit.now)
            shows["link"] = link.replace("{reference}", quote(reference))
        return msgspec.structs.replace(way, shows=shows)

    def _proof(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        payload = text_of(given, "altcha", MOST_PAYLOAD)
        self._verification.count_try(visit, "proof")
        if not self._proofs.holds(payload, visit.ticket.id, visit.now):
            raise RefusedError("wrong")
        reached = self._verification.passed(visit, "proof_of_work", "proof_of_work")
        return {"tier": "proof_of_work", "reached": reached, "said": "step_about"}


def _unavailable(visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
    raise RefusedError("unavailable")
