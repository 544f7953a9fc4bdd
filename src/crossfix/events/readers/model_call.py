"""One call of a model as a monitoring tool tells of it, and the events that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from crossfix.events.event import Action, Event
from crossfix.events.readers.chat_turns import Turn, service_of_model, template_of
from crossfix.events.readers.json_fields import some
from crossfix.events.readers.service_events import Service
from crossfix.events.readers.services import service_of


@dataclass(frozen=True)
class ModelCall:
    """Who asked which model what, and what it answered.

    ``turns`` is the whole request, of which only what follows the model's last turn is new.
    Without any text, as tools log by default, a call is still a prompt and a completion.
    """

    account: str | None
    native: str | None
    began: datetime | None
    ended: datetime | None
    model: str | None = None
    provider: str | None = None
    conversation: str | None = None
    turns: list[Turn] = field(default_factory=list)
    answers: list[Turn] = field(default_factory=list)
    tokens_in: str | None = None
    tokens_out: str | None = None
    answered: bool = True
    attributes: dict[str, str] = field(default_factory=dict)

    def events(self, said: str | None) -> Iterator[Event]:
        """Yield prompts, then completions, refusals and tool calls.

        ``said`` is the service that the person named; else it is the provider, else the maker of
        the model. Raises `RefusedError` where account or time is missing.
        """
        name = service_of(said) if said else service_of_model(self.model, self.provider)
        service = Service(name, "ai")
        shared = self.attributes | some(model=self.model, template=template_of([], self.turns))
        last = max((n for n, turn in enumerate(self.turns) if turn.role == "assistant"), default=-1)
        new = [turn.text for turn in self.turns[last + 1 :] if turn.role == "user" and turn.text]
        prompt = self._event(
            service, "prompt", "prompt", "\n".join(new) or None, None,
            shared | some(tokens_in=self.tokens_in), self.began,
        )  # fmt: skip
        yield prompt
        spent = some(tokens_out=self.tokens_out)
        answers = self.answers or ([Turn("assistant", None)] if self.answered else [])
        for number, turn in enumerate(answers):
            yield from self._answer(service, turn, f"choice{number}", prompt.id, shared | spent)
            spent = {}

    def _answer(
        self, service: Service, turn: Turn, part: str, parent: str, shared: dict[str, str]
    ) -> Iterator[Event]:
        action: Action = "refusal" if turn.refused else "completion"
        told = shared | some(finish=turn.finish)
        if turn.text or turn.refused or not turn.calls:
            answer = self._event(service, action, part, turn.text, parent, told, self.ended)
            yield answer
            parent = answer.id
        for number, call in enumerate(turn.calls):
            yield self._event(
                service, "tool_call", f"{part}.call{number}", call.arguments, parent,
                shared | {"tool": call.name}, self.ended,
            )  # fmt: skip

    def _event(
        self, service: Service, action: Action, part: str, text: str | None, parent: str | None,
        attributes: dict[str, str], time: datetime | None,
    ) -> Event:  # fmt: skip
        return service.event(
            f"{self.native}#{part}" if self.native else None,
            self.account.removeprefix(f"{service.name}:") if self.account else None,
            action,
            time or self.began,
            *(self.account, self.began, action, self.conversation, part, text),
            conversation=self.conversation,
            text=text,
            parent=parent,
            attributes=attributes,
        )
