"""How keys are used, and which ones stand for many people who cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from crossfix.events import Event
from crossfix.guard.limits import OWN

LEAST_REQUESTS = 100
LEAST_CONVERSATIONS = 20
"""So much under one account is more than a person's trial of the gateway."""

_MOST = 256
_MOST_KEYS = 10_000


class KeyUse(msgspec.Struct, kw_only=True):
    """What was seen of one key: requests, and the distinct accounts, conversations and networks.

    Of distinct values some 250 are told apart at most.
    """

    key: str
    requests: int = 0
    accounts: set[str] = set()
    conversations: set[str] = set()
    networks: set[str] = set()

    @property
    def stands_for_many(self) -> bool:
        """Whether all that comes with the key looks like one account, and is hardly one person's.

        For such a key limits by account, behaviour and enforcement say nothing about people.
        """
        several = (
            len(self.conversations) >= LEAST_CONVERSATIONS
            or len(self.networks) >= LEAST_CONVERSATIONS
        )
        return self.requests >= LEAST_REQUESTS and len(self.accounts) <= 1 and several


def conversation_of(
    conversation: str | None, account: str, texts: Sequence[str], earlier: Sequence[str] = ()
) -> str:
    """Return what stands for a request's conversation, nothing where that goes on or is unknown.

    Most formats have no id of conversations: of requests that name nobody, what a conversation
    begins with stands for it. ``earlier`` is what was said in it before.
    """
    if conversation or earlier or not texts or OWN not in account:
        return conversation or ""
    return str(hash(tuple(texts)))


class KeyUses:
    """The use of keys, gathered request by request in bounded memory."""

    def __init__(self) -> None:
        self._uses: dict[str, KeyUse] = {}

    def note(self, key: str, account: str, *, conversation: str = "", network: str = "") -> None:
        """Take in one request."""
        use = self._uses.get(key)
        if use is None:
            if len(self._uses) >= _MOST_KEYS:
                return
            use = self._uses[key] = KeyUse(key=key)
        use.requests += 1
        for seen, value in (
            (use.accounts, account), (use.conversations, conversation), (use.networks, network)
        ):  # fmt: skip
            if value and len(seen) < _MOST:
                seen.add(value)

    def of(self, key: str) -> KeyUse | None:
        """Return the use of one key, if any was seen."""
        return self._uses.get(key)

    def all(self) -> list[KeyUse]:
        """Return the use of every key, those used most first."""
        return sorted(self._uses.values(), key=lambda use: (-use.requests, use.key))

    def standing_for_many(self) -> list[KeyUse]:
        """Return the keys behind which all users look like one."""
        return [use for use in self.all() if use.stands_for_many]


def key_uses(events: Iterable[Event]) -> KeyUses:
    """Return how keys were used, from the prompts among events of the log."""
    uses = KeyUses()
    for event in events:
        key = event.attributes.get("key") or event.attributes.get("credential")
        if event.action == "prompt" and key:
            uses.note(
                key, event.account,
                conversation=conversation_of(
                    event.conversation, event.account, (event.text,) if event.text else ()
                ),
                network=event.attributes.get("ip", ""),
            )  # fmt: skip
    return uses
