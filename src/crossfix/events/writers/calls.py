"""Events put together as calls of models: a prompt, what was decided, what was answered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from crossfix.events.event import Event

MOST_OPEN = 100_000
"""Prompts that may wait for their answer; beyond it the oldest are told without."""

_ANSWERS = ("completion", "refusal", "tool_call")


class Call(msgspec.Struct):
    """One call, as far as its events tell: ``prompt`` is missing where only an answer came."""

    prompt: Event | None = None
    decision: Event | None = None
    answers: list[Event] = []

    @property
    def first(self) -> Event:
        """The event that stands for the call."""
        found = self.prompt or (self.answers[0] if self.answers else self.decision)
        assert found is not None
        return found

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be expected."""
        refused = self.decision is not None and self.decision.attributes.get("answer") in (
            "block", "throttle", "challenge",
        )  # fmt: skip
        return bool(self.answers) or refused


class Calls:
    """Puts events together as they come; those of one call may come in any order, near together."""

    def __init__(self, most_open: int = MOST_OPEN) -> None:
        self._open: OrderedDict[str, Call] = OrderedDict()
        self._early: OrderedDict[str, Event] = OrderedDict()
        self._most = most_open

    def take(self, event: Event) -> None:
        """Take an event; what is no part of a call of a model is passed over."""
        if event.action == "prompt":
            call = self._call(event.id)
            call.prompt = event
            call.decision = call.decision or self._early.pop(event.id, None)
        elif event.action in _ANSWERS:
            self._call(event.parent or event.id).answers.append(event)
        elif event.action == "decision" and event.parent:
            found = self._open.get(event.parent)
            if found is None:  # of the same moment as its prompt, or about no call at all
                self._early[event.parent] = event
                if len(self._early) > self._most:
                    self._early.popitem(last=False)
            elif found.decision is None:
                found.decision = event

    def _call(self, id: str) -> Call:
        found = self._open.get(id)
        if found is None:
            found = self._open[id] = Call(answers=[])
        return found

    def ready(self, before: float | None = None) -> Iterator[Call]:
        """Yield, once each, the calls that began before a time and those there is no room for.

        A call has ended only in so far as its events came: whoever asks leaves some seconds.
        """
        for id in list(self._open):
            call = self._open[id]
            late = before is None or call.first.received.timestamp() < before
            if late or len(self._open) > self._most:
                del self._open[id]
                yield call

    def put_back(self, call: Call) -> None:
        """Have a call wait longer for its answer."""
        self._open[call.first.id if call.prompt else call.first.parent or call.first.id] = call

    def __len__(self) -> int:
        return len(self._open)
