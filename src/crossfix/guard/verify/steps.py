"""Every step that somebody with a ticket can take, by the path that it is taken at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from crossfix.accounts.standing import Tier
from crossfix.guard.verify.answers import text_of
from crossfix.guard.verify.proof import MOST_PAYLOAD, Proofs
from crossfix.guard.verify.refused import RefusedError
from crossfix.guard.verify.verification import Verification, Visit
from crossfix.guard.verify.ways import Given, Way, open_ways

Step = Callable[[Visit, Mapping[str, Any], str], dict[str, Any]]
"""Takes a visit, what was sent, and a language; returns what the answer says."""


class Steps:
    """The steps of verification; they wait for the registry, so they run beside the loop."""

    def __init__(self, verification: Verification, proofs: Proofs) -> None:
        self._verification = verification
        self._proofs = proofs

    def posts(self) -> dict[str, Step]:
        """Return the steps by their paths below that of the ticket."""
        return {"proof": self._proof}

    def shown(self, visit: Visit) -> dict[str, Any]:
        """Return what a visitor can do now.

        Raises:
            RefusedError: the ticket is spent.
        """
        state = self._verification.state(visit)
        has, _ = self._verification.raising.standing(visit.ticket.account, visit.now)
        return {"has": has, "ways": self._ways(visit, has), "document": state.document}

    def challenge(self, visit: Visit) -> dict[str, Any]:
        """Return a task for a proof of work, and how many tries it takes at most."""
        self._verification.state(visit)
        _, risk = self._verification.raising.standing(visit.ticket.account, visit.now)
        return self._proofs.challenge(visit.ticket.id, risk, visit.now)

    def _ways(self, visit: Visit, has: str) -> list[Way]:
        return open_ways(Given(has=has, needs=visit.ticket.tier, enrol="email"))

    def _proof(self, visit: Visit, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        payload = text_of(given, "altcha", MOST_PAYLOAD)
        self._verification.count_try(visit, "proof")
        if not self._proofs.holds(payload, visit.ticket.id, visit.now):
            raise RefusedError("wrong")
        return self._passed(visit, "proof_of_work", "proof_of_work")

    def _passed(
        self, visit: Visit, tier: str, how: str, attributes: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        reached = self._verification.passed(visit, cast(Tier, tier), how, attributes)
        return {"tier": tier, "reached": reached, "said": "step_about"}
