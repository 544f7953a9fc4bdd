"""Events that happened elsewhere, before the guard's policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from crossfix.events import Event
from crossfix.guard import record
from crossfix.guard.decide import Guard
from crossfix.guard.request import Request


class Witness:
    """Has a guard judge events as they come in, and records what policies say of them.

    Args:
        guard: whose policies and standings; it belongs to the loop.
        put: takes the events of decisions.
        versions: those of the policies that hold.
    """

    def __init__(
        self, guard: Guard, put: Callable[[Event], Any], versions: Mapping[str, int]
    ) -> None:
        self._guard = guard
        self._put = put
        self._versions = versions

    def take(self, event: Event, now: float) -> None:
        """Judge one event; a decision about it is recorded where a policy holds."""
        if event.action == "decision":
            return  # somebody else's, which is not ours to decide again
        considered = self._guard.witness(event, now)
        if not considered.rulings and not considered.shadow:
            return
        request = Request(
            id=event.id, service=event.service, account=event.account, action=event.action,
            conversation=event.conversation,
        )  # fmt: skip
        decided = record.decision_event(request, considered, self._versions, now, event.action)
        self._put(msgspec.structs.replace(decided, surface=event.surface, parent=event.id))
