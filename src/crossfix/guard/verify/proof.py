"""Proof of work: ALTCHA challenges, made and checked, bound to a ticket."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from typing import Any

from crossfix.config.sealing import derived
from crossfix.extras import need

ALGORITHM = "PBKDF2/SHA-256"
LASTS_SECONDS = 600
MOST_PAYLOAD = 8_192
_RISK_FACTOR = 3.0


class Proofs:
    """Makes and checks proofs of work.

    A proof takes between half of ``tries`` and all of them, each ``cost`` rounds of PBKDF2: the
    answer is chosen here, so that nobody waits for ten times as long by bad luck. It is checked
    by one HMAC.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        cost: int,
        tries: int,
        chance: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        need("guard")
        self._signing = derived(secret, "proof of work").hex()
        self._answers = derived(secret, "proof of work answers").hex()
        self._cost = cost
        self._tries = tries
        self._chance = chance

    def challenge(self, ticket: str, risk: float, now: float) -> dict[str, Any]:
        """Return a challenge in ALTCHA's format, and the tries it takes at most.

        The higher the risk (0 to 1), the longer it takes.
        """
        import altcha

        tries = math.ceil(self._tries * (1.0 + _RISK_FACTOR * min(1.0, max(0.0, risk))))
        made = altcha.create_challenge(
            ALGORITHM, self._cost, counter=tries // 2 + self._chance(tries - tries // 2),
            # Its end is ours to check: ALTCHA's own would be by the clock of the machine.
            data={"ticket": ticket, "ends": int(now) + LASTS_SECONDS},
            hmac_secret=self._signing, hmac_key_secret=self._answers,
        )  # fmt: skip
        return {"challenge": made.to_dict(), "tries": tries}

    def holds(self, payload: str, ticket: str, now: float) -> bool:
        """Say whether a payload is the answer to a challenge of this ticket."""
        import altcha

        if len(payload) > MOST_PAYLOAD:
            return False
        try:
            given = altcha.Payload.from_base64(payload)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        if not altcha.verify_solution(given, self._signing, hmac_key_secret=self._answers).verified:
            return False
        data = given.challenge.parameters.data  # signed, so as it was made here
        return data is not None and data.get("ticket") == ticket and now < data["ends"]


def solved(challenge: dict[str, Any]) -> str:
    """Return the payload that answers a challenge, as the field ``altcha`` takes it."""
    need("guard")
    import altcha

    given = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(given)
    if solution is None:
        raise TimeoutError("the proof of work took too long")
    payload: str = altcha.Payload(given, solution).to_base64()
    return payload
