"""What every event of one service has, whichever format tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from crossfix.events.event import Action, Event, Surface, event_id
from crossfix.events.readers.batches import BAD_TIME, NO_ACCOUNT
from crossfix.events.readers.json_fields import RefusedError
from crossfix.events.readers.reader import ReadOptions
from crossfix.events.readers.services import service_of


class Rest(TypedDict, total=False):
    """The fields of an event that not every one has."""

    conversation: str | None
    text: str | None
    language: str | None
    urls: tuple[str, ...]
    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    media: tuple[str, ...]
    target: str | None
    parent: str | None
    attributes: dict[str, str]


@dataclass(frozen=True)
class Service:
    """The service that the events of a file are of: how they, and what is on it, are named."""

    name: str
    surface: Surface

    @classmethod
    def chosen(cls, options: ReadOptions, own: str, surface: Surface) -> Service:
        """Return the service that the person named, else the format's own."""
        return cls(service_of(options.service) if options.service else own, surface)

    def of(self, native: str) -> str:
        """Return what a thing or an account of this service is called everywhere."""
        return f"{self.name}:{native}"

    def maybe(self, native: str | None) -> str | None:
        """Return the same as `of`, or None for nothing."""
        return self.of(native) if native else None

    def id(self, native: str | None) -> str | None:
        """Return the id of the event of that native id, or None for nothing."""
        return event_id(self.name, native) if native else None

    def event(
        self,
        native: str | None,
        account: str | None,
        action: Action,
        time: datetime | None,
        *content: object,
        **rest: Unpack[Rest],
    ) -> Event:
        """Return an event of an account (its native id) that was received when it happened.

        ``content`` makes the event's id where it has no native one. Raises `RefusedError` where
        the account or the time is not known.
        """
        if account is None:
            raise RefusedError(NO_ACCOUNT)
        if time is None:
            raise RefusedError(BAD_TIME)
        return Event(
            id=event_id(self.name, native, *content),
            time=time,
            received=time,
            service=self.name,
            surface=self.surface,
            account=self.of(account),
            action=action,
            **rest,
        )
